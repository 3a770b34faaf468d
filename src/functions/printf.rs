//! `printf`: takes a format as of C's `sprintf` and values, gives text.

use super::call::Call;
use super::conversion::separated;
use crate::data::Value;

/// The largest width and precision that are obeyed.
const WIDEST: usize = 1000;

/// One conversion of a format.
#[derive(Debug, Default)]
struct Spec {
    left: bool,
    plus: bool,
    blank: bool,
    alternate: bool,
    zero: bool,
    commas: bool,
    width: usize,
    precision: Option<usize>,
}

/// Writes the values by the format, the first argument. A conversion that there is not stops the run.
pub(super) fn printf(call: &mut Call<'_>, values: &[Value]) -> Option<Value> {
    let (format, values) = values.split_first()?;
    let format = format.to_text()?;
    let mut values = values.iter();
    let mut out = String::with_capacity(format.len() + 16);
    let mut rest = format.as_ref();
    while let Some(at) = rest.find('%') {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let mut chars = from.chars();
        chars.next();
        let (spec, letter) = read_spec(&mut chars, &mut values)?;
        match letter {
            '%' => out.push('%'),
            _ if "diuoxXpeEfFgGaAcsz".contains(letter) => {
                convert(&mut out, &spec, letter, values.next()?)?;
            }
            _ => {
                call.fail(
                    crate::diagnostic::Diagnostic::new(
                        &crate::diagnostic::code::RUNTIME,
                        format!("printf() has no conversion %{letter}"),
                    )
                    .help("it has %a %c %d %e %f %g %i %o %p %s %u %x %z and %%"),
                );
                return None;
            }
        }
        rest = chars.as_str();
    }
    out.push_str(rest);
    Some(Value::Text(out))
}

fn read_spec<'v>(
    chars: &mut std::str::Chars<'_>,
    values: &mut impl Iterator<Item = &'v Value>,
) -> Option<(Spec, char)> {
    let mut spec = Spec::default();
    let mut c = chars.next()?;
    loop {
        match c {
            '-' => spec.left = true,
            '+' => spec.plus = true,
            ' ' => spec.blank = true,
            '#' => spec.alternate = true,
            '0' => spec.zero = true,
            '\'' => spec.commas = true,
            _ => break,
        }
        c = chars.next()?;
    }
    let width = read_count(&mut c, chars, values)?;
    spec.left |= width < 0;
    spec.width = usize::try_from(width.unsigned_abs()).ok()?.min(WIDEST);
    if c == '.' {
        c = chars.next()?;
        let precision = read_count(&mut c, chars, values)?;
        spec.precision = usize::try_from(precision).ok().map(|p| p.min(WIDEST));
    }
    Some((spec, c))
}

/// Digits or an asterisk, which takes a value; 0 when there is neither.
fn read_count<'v>(
    c: &mut char,
    chars: &mut std::str::Chars<'_>,
    values: &mut impl Iterator<Item = &'v Value>,
) -> Option<i64> {
    if *c == '*' {
        *c = chars.next()?;
        return Some(values.next()?.number()? as i64);
    }
    let mut count: i64 = 0;
    while let Some(digit) = c.to_digit(10) {
        count = count.saturating_mul(10).saturating_add(i64::from(digit));
        *c = chars.next()?;
    }
    Some(count)
}

fn convert(out: &mut String, spec: &Spec, letter: char, value: &Value) -> Option<()> {
    match letter {
        's' | 'z' => {
            let text = value.to_text()?;
            let cut: String = text
                .chars()
                .take(spec.precision.unwrap_or(usize::MAX))
                .collect();
            pad(out, spec, "", &cut, false);
        }
        'c' => {
            let c = match value {
                Value::Number(n) => char::from_u32(*n as u32)?,
                other => other.to_text()?.chars().next()?,
            };
            pad(out, spec, "", &c.to_string(), false);
        }
        'd' | 'i' => {
            let n = value.number()?.trunc();
            let digits = spec.digits(format!("{:.0}", n.abs()));
            pad(
                out,
                spec,
                spec.sign(n < 0.0),
                &digits,
                spec.precision.is_none(),
            );
        }
        'u' | 'o' | 'x' | 'X' | 'p' => unsigned(out, spec, letter, value.number()?)?,
        _ => {
            let n = value.number()?;
            let text = float(spec, letter, n.abs());
            pad(
                out,
                spec,
                spec.sign(n.is_sign_negative() && n != 0.0),
                &text,
                true,
            );
        }
    }
    Some(())
}

impl Spec {
    fn sign(&self, negative: bool) -> &'static str {
        match (negative, self.plus, self.blank) {
            (true, _, _) => "-",
            (_, true, _) => "+",
            (_, _, true) => " ",
            _ => "",
        }
    }

    /// At least as many digits as the precision; none for zero when it is zero.
    fn digits(&self, digits: String) -> String {
        if self.precision == Some(0) && digits == "0" {
            return String::new();
        }
        let filled = format!("{digits:0>width$}", width = self.precision.unwrap_or(0));
        if self.commas {
            separated(&filled)
        } else {
            filled
        }
    }
}

fn unsigned(out: &mut String, spec: &Spec, letter: char, n: f64) -> Option<()> {
    let n = if n < 0.0 { (n as i64) as u64 } else { n as u64 };
    let (digits, prefix) = match letter {
        'o' => (format!("{n:o}"), ""),
        'x' => (format!("{n:x}"), "0x"),
        'X' | 'p' => (format!("{n:X}"), "0X"),
        _ => (n.to_string(), ""),
    };
    let mut digits = spec.digits(digits);
    if spec.alternate && letter == 'o' && !digits.starts_with('0') {
        digits.insert(0, '0');
    }
    let prefix = if spec.alternate && n != 0 { prefix } else { "" };
    pad(out, spec, prefix, &digits, spec.precision.is_none());
    Some(())
}

/// Fills up to the width: blanks before the sign, zeros after it, or blanks at the end.
fn pad(out: &mut String, spec: &Spec, sign: &str, body: &str, zeros: bool) {
    let length = sign.chars().count() + body.chars().count();
    let fill = spec.width.saturating_sub(length);
    let zeros = zeros && spec.zero && !spec.left;
    if !spec.left && !zeros {
        out.extend(std::iter::repeat_n(' ', fill));
    }
    out.push_str(sign);
    if zeros {
        out.extend(std::iter::repeat_n('0', fill));
    }
    out.push_str(body);
    if spec.left {
        out.extend(std::iter::repeat_n(' ', fill));
    }
}

/// A number that is not negative, as `%e`, `%f`, `%g` or `%a` writes it.
fn float(spec: &Spec, letter: char, n: f64) -> String {
    let upper = letter.is_ascii_uppercase();
    let text = if n.is_nan() {
        "nan".to_owned()
    } else if n.is_infinite() {
        "inf".to_owned()
    } else {
        match letter.to_ascii_lowercase() {
            'e' => exponent(n, spec.precision.unwrap_or(6)),
            'g' => general(n, spec.precision.unwrap_or(6).max(1), spec.alternate),
            'a' => hexadecimal(n, spec.precision),
            _ => fixed(n, spec),
        }
    };
    if upper { text.to_uppercase() } else { text }
}

fn fixed(n: f64, spec: &Spec) -> String {
    let mut text = format!("{n:.places$}", places = spec.precision.unwrap_or(6));
    if spec.commas {
        let (whole, fraction) = text.split_at(text.find('.').unwrap_or(text.len()));
        text = separated(whole) + fraction;
    }
    if spec.alternate && !text.contains('.') {
        text.push('.');
    }
    text
}

/// `d.ddde+XX`
fn exponent(n: f64, places: usize) -> String {
    let text = format!("{n:.places$e}");
    let (digits, power) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, power) = power.strip_prefix('-').map_or(('+', power), |p| ('-', p));
    format!("{digits}e{sign}{power:0>2}")
}

/// The shorter of both, without zeros at the end.
fn general(n: f64, significant: usize, keep_zeros: bool) -> String {
    let scientific = exponent(n, significant - 1);
    let power: i64 = scientific
        .split_once('e')
        .and_then(|(_, p)| p.parse().ok())
        .unwrap_or(0);
    let strip = |text: &str| -> String {
        if keep_zeros || !text.contains('.') {
            return text.to_owned();
        }
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    };
    if power < -4 || power >= significant as i64 {
        let (digits, power) = scientific.split_once('e').unwrap_or((&scientific, "+00"));
        return format!("{}e{power}", strip(digits));
    }
    let places = (significant as i64 - 1 - power).max(0) as usize;
    strip(&format!("{n:.places$}"))
}

/// `0x1.hhhp+d`
fn hexadecimal(n: f64, precision: Option<usize>) -> String {
    if n == 0.0 {
        return format!(
            "0x0{}p+0",
            precision
                .filter(|p| *p > 0)
                .map_or(String::new(), |p| format!(".{:0<p$}", ""))
        );
    }
    let bits = n.to_bits();
    let mut power = ((bits >> 52) & 0x7ff) as i64 - 1023;
    let mut fraction = bits & ((1 << 52) - 1);
    let mut lead = 1;
    if power == -1023 {
        lead = 0;
        power = -1022;
    }
    let mut places = 13;
    if let Some(wanted) = precision.filter(|p| *p < 13) {
        let drop = (13 - wanted) * 4;
        let whole = (lead << 52) | fraction;
        let half = 1u64 << (drop - 1);
        let odd = (whole >> drop) & 1;
        let rounded = (whole + half - 1 + odd) >> drop;
        places = wanted;
        lead = rounded >> (wanted * 4);
        fraction = rounded & ((1u64 << (wanted * 4)) - 1);
    }
    let mut digits = if places == 0 {
        String::new()
    } else {
        format!("{fraction:0places$x}")
    };
    if precision.is_none() {
        digits = digits.trim_end_matches('0').to_owned();
    }
    if let Some(wanted) = precision.filter(|p| *p > 13) {
        digits = format!("{digits:0<wanted$}");
    }
    let point = if digits.is_empty() { "" } else { "." };
    let sign = if power < 0 { '-' } else { '+' };
    format!("0x{lead}{point}{digits}p{sign}{}", power.abs())
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::{on, shown};

    #[test]
    fn conversions_come_out_as_in_c() {
        for (call, result) in [
            (r#"printf("%.3A", pi())"#, "0X1.922P+1"),
            (r#"printf("%c,%c", 65, "Foo")"#, "A,F"),
            (r#"printf("%d,%i,%d", -2, +4, 30)"#, "-2,4,30"),
            (r#"printf("%.2e", 5139)"#, "5.14e+03"),
            (r#"printf("%.2f", pi())"#, "3.14"),
            (r#"printf("%.2g,%.2g", pi(), 123)"#, "3.1,1.2e+02"),
            (r#"printf("%o", 255)"#, "377"),
            (r#"printf("%s%z", "foo", "bar")"#, "foobar"),
            (r#"printf("%u", 99)"#, "99"),
            (r#"printf("%x,%X,%p", 10, 10, 10)"#, "a,A,A"),
            (r#"printf("100%%")"#, "100%"),
            (r#"printf("%'d", 12345)"#, "12,345"),
            (r#"printf("%-4d|", 1)"#, "1   |"),
            (r#"printf("%04d", 1)"#, "0001"),
            (r#"printf("%04d", -1)"#, "-001"),
            (r#"printf("%+4d", 1)"#, "  +1"),
            (r#"printf("% -4d|", 1)"#, " 1  |"),
            (r#"printf("%#x", 1)"#, "0x1"),
            (r#"printf("%*d", 5, 123)"#, "  123"),
            (r#"printf("%.*f", 1, 1.23)"#, "1.2"),
            (r#"printf("%*.*e", 9, 2, pi())"#, " 3.14e+00"),
            (
                r#"printf("%04.4f %-30s|", 1.5, "x")"#,
                "1.5000 x                             |",
            ),
            (r#"printf("%.2s", "abc")"#, "ab"),
            (r#"printf("%.0d", 0)"#, ""),
            (r#"printf("%g", 0.0001)"#, "0.0001"),
            (r#"printf("%d", nofield)"#, ""),
        ] {
            assert_eq!(shown(call), result, "{call}");
        }
        assert_eq!(
            on(r#"printf("%s has %d", u, c)"#, &[("u", "bob"), ("c", "3")]),
            "bob has 3"
        );
    }
}
