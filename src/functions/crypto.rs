//! Cryptographic functions: takes texts, gives digests in hexadecimal.

use super::arithmetic::map_text;
use super::call::Call;
use super::operand::Operand;
use super::{Arity, Function, Kernel, Kind};
use md5::Digest;

const fn digest(
    name: &'static str,
    signature: &'static str,
    summary: &'static str,
    example: (&'static str, &'static str),
    kernel: fn(&mut Call<'_>, &[Operand]) -> Operand,
) -> Function {
    Function::new(
        name,
        Arity::Between(1, 1),
        signature,
        summary,
        example,
        Kernel::Column(kernel),
    )
    .gives(Kind::Text)
}

pub(super) static FUNCTIONS: &[Function] = &[
    digest(
        "md5",
        "md5(<text>)",
        "The MD5 digest of a text",
        (r#"md5("abc")"#, "900150983cd24fb0d6963f7d28e17f72"),
        hash::<md5::Md5>,
    ),
    digest(
        "sha1",
        "sha1(<text>)",
        "The SHA-1 digest of a text",
        (
            r#"sha1("splunk")"#,
            "c8714150b8061714a04b8cc146c8bf0210c05b62",
        ),
        hash::<sha1::Sha1>,
    ),
    digest(
        "sha256",
        "sha256(<text>)",
        "The SHA-256 digest of a text",
        (
            r#"sha256("abc")"#,
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        ),
        hash::<sha2::Sha256>,
    ),
    digest(
        "sha512",
        "sha512(<text>)",
        "The SHA-512 digest of a text",
        (
            r#"substr(sha512("abc"), 1, 32)"#,
            "ddaf35a193617abacc417349ae204131",
        ),
        hash::<sha2::Sha512>,
    ),
];

fn hash<D: Digest>(call: &mut Call<'_>, arguments: &[Operand]) -> Operand {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let Some(text) = arguments.first() else {
        return Operand::null();
    };
    map_text(text, call.rows, |t, hex| {
        for byte in D::digest(t.as_bytes()).iter() {
            hex.push(DIGITS[usize::from(byte >> 4)] as char);
            hex.push(DIGITS[usize::from(byte & 15)] as char);
        }
    })
}
