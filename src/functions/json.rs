//! JSON functions: takes texts that are JSON, gives texts that are JSON, or the plain values in them.

use super::call::Call;
use super::json_path::Path;
use super::numbers::read;
use super::{Arity, Function, Kernel, Kind};
use crate::data::{Value, format_number};
use serde_json::Value as Json;

const fn json_function(
    name: &'static str,
    arity: Arity,
    signature: &'static str,
    summary: &'static str,
    example: (&'static str, &'static str),
    kernel: fn(&mut Call<'_>, &[Value]) -> Option<Value>,
) -> Function {
    Function::new(
        name,
        arity,
        signature,
        summary,
        example,
        Kernel::Row(kernel),
    )
    .gives(Kind::Json)
}

pub(super) static FUNCTIONS: &[Function] = &[
    json_function(
        "json",
        Arity::Between(1, 1),
        "json(<value>)",
        "The value when it is JSON, else null",
        (r#"json("{\"a\": 1}")"#, r#"{"a": 1}"#),
        |_, v| match v.first()? {
            Value::Text(text) => parse(text).map(|_| Value::text(text.as_str())),
            Value::Multi(_) => None,
            other => Some(other.clone()),
        },
    ),
    json_function(
        "json_append",
        Arity::Pairs(1),
        "json_append(<json>, <path>, <value>, …)",
        "The JSON with a value added at the end of the array at a path",
        (r#"json_append("{\"a\":[1]}", "a", 2)"#, r#"{"a":[1,2]}"#),
        |call, v| add(call, v, false),
    ),
    json_function(
        "json_array",
        Arity::AtLeast(0),
        "json_array(<value>, …)",
        "A JSON array of the values",
        (r#"json_array("a", 1, true())"#, r#"["a",1,true]"#),
        |call, v| Some(value(Json::Array(of_arguments(call, v, 0).collect()))),
    ),
    Function::new(
        "json_array_to_mv",
        Arity::Between(1, 2),
        "json_array_to_mv(<json_array>, <keep_quotes>)",
        "The elements of a JSON array as a multivalue, texts without their quotes unless asked",
        (r#"json_array_to_mv("[\"a\",1]")"#, "a, 1"),
        Kernel::Row(array_to_mv),
    ),
    json_function(
        "json_delete",
        Arity::AtLeast(2),
        "json_delete(<json>, <key>, …)",
        "The JSON without some members",
        (r#"json_delete("{\"a\":1,\"b\":2}", "a")"#, r#"{"b":2}"#),
        delete,
    ),
    json_function(
        "json_entries",
        Arity::Between(1, 1),
        "json_entries(<json>)",
        "The members of a JSON object as an array of objects with key and value",
        (
            r#"json_entries("{\"a\": 1}")"#,
            r#"[{"key":"a","value":1}]"#,
        ),
        entries,
    ),
    json_function(
        "json_extend",
        Arity::Pairs(1),
        "json_extend(<json>, <path>, <array>, …)",
        "The JSON with the elements of an array added at the end of the array at a path",
        (
            r#"json_extend("{\"a\":[1]}", "a", json_array(2, 3))"#,
            r#"{"a":[1,2,3]}"#,
        ),
        |call, v| add(call, v, true),
    ),
    Function::new(
        "json_extract",
        Arity::AtLeast(1),
        "json_extract(<json>, <path>, …)",
        "The value at a path of a JSON text; of several paths an array",
        (
            r#"json_extract("{\"a\":[{\"b\":1},{\"b\":2}]}", "a{1}.b")"#,
            "2",
        ),
        Kernel::Row(|_, v| extract(v, Path::parse)),
    ),
    Function::new(
        "json_extract_exact",
        Arity::AtLeast(1),
        "json_extract_exact(<json>, <key>, …)",
        "The member of a JSON object with a key that is no path; of several keys an array",
        (r#"json_extract_exact("{\"a.b\":7}", "a.b")"#, "7"),
        Kernel::Row(|_, v| extract(v, |key| Some(Path::key(key)))),
    ),
    Function::new(
        "json_has_key_exact",
        Arity::Between(2, 2),
        "json_has_key_exact(<json>, <key>)",
        "Whether a JSON object has a member",
        (
            r#"if(json_has_key_exact("{\"a.b\":7}", "a.b"), "yes", "no")"#,
            "yes",
        ),
        Kernel::Row(|_, v| {
            let key = v.get(1)?.to_text()?;
            let has = document(v)?.as_object()?.contains_key(&*key);
            Some(Value::Bool(has))
        }),
    )
    .gives(Kind::Boolean),
    json_function(
        "json_keys",
        Arity::Between(1, 1),
        "json_keys(<json>)",
        "The keys of a JSON object as an array",
        (r#"json_keys("{\"a\":1,\"b\":2}")"#, r#"["a","b"]"#),
        |_, v| {
            let keys = document(v)?
                .as_object()?
                .keys()
                .cloned()
                .map(Json::String)
                .collect();
            Some(value(Json::Array(keys)))
        },
    ),
    json_function(
        "json_object",
        Arity::AnyPairs,
        "json_object(<key>, <value>, …)",
        "A JSON object of the pairs",
        (
            r#"json_object("name", "maria", "age", 25)"#,
            r#"{"name":"maria","age":25}"#,
        ),
        object,
    ),
    json_function(
        "json_set",
        Arity::Pairs(1),
        "json_set(<json>, <path>, <value>, …)",
        "The JSON with a value put at a path",
        (
            r#"json_set("{\"a\":1}", "b.c", 2)"#,
            r#"{"a":1,"b":{"c":2}}"#,
        ),
        |call, v| set(call, v, Path::parse),
    ),
    json_function(
        "json_set_exact",
        Arity::Pairs(1),
        "json_set_exact(<json>, <key>, <value>, …)",
        "The JSON with a member whose key is no path",
        (
            r#"json_set_exact("{\"a\":1}", "b.c", 2)"#,
            r#"{"a":1,"b.c":2}"#,
        ),
        |call, v| set(call, v, |key| Some(Path::key(key))),
    ),
    Function::new(
        "json_valid",
        Arity::Between(1, 1),
        "json_valid(<value>)",
        "Whether a value is JSON",
        (r#"if(json_valid("{\"a\":1}"), "yes", "no")"#, "yes"),
        Kernel::Row(|_, v| match v.first()? {
            Value::Null => None,
            Value::Multi(_) => Some(Value::Bool(false)),
            other => Some(Value::Bool(parse(&other.to_text()?).is_some())),
        }),
    )
    .gives(Kind::Boolean),
    json_function(
        "mv_to_json_array",
        Arity::Between(1, 2),
        "mv_to_json_array(<values>, <infer_types>)",
        "The values as a JSON array of texts, or of what JSON they are when asked",
        (r#"mv_to_json_array(split("a,1", ","))"#, r#"["a","1"]"#),
        mv_to_array,
    ),
];

/// The JSON of a text, if it is one.
pub(super) fn parse(text: &str) -> Option<Json> {
    serde_json::from_str(text).ok()
}

/// JSON as a value: its compact text.
pub(super) fn value(json: Json) -> Value {
    Value::Text(json.to_string())
}

/// The plain text of a JSON value: texts without quotes; null is none.
pub(super) fn to_text(json: &Json) -> Option<String> {
    match json {
        Json::Null => None,
        Json::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

/// What a JSON value is outside JSON.
fn native(json: &Json) -> Option<Value> {
    Some(match json {
        Json::Number(n) => match read(&n.to_string()) {
            Some(number) if format_number(number) == n.to_string() => Value::Number(number),
            _ => Value::Text(n.to_string()),
        },
        other => Value::Text(to_text(other)?),
    })
}

/// Texts as JSON: one as a text, several as an array.
pub(super) fn of_texts<'a>(texts: impl Iterator<Item = std::borrow::Cow<'a, str>>) -> Json {
    let mut texts: Vec<Json> = texts.map(|text| Json::String(text.into_owned())).collect();
    match texts.len() {
        1 => texts.remove(0),
        _ => Json::Array(texts),
    }
}

fn document(values: &[Value]) -> Option<Json> {
    match values.first()? {
        Value::Text(text) => parse(text),
        _ => None,
    }
}

/// A value as JSON. Texts of a JSON kind, and fields that hold arrays or objects, nest; fields that hold numbers are
/// numbers; other texts are texts.
fn to_json(value: &Value, kind: Kind) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(b) => Json::Bool(*b),
        Value::Number(n) => parse(&format_number(*n)).unwrap_or(Json::Null),
        Value::Multi(texts) => Json::Array(
            texts
                .iter()
                .map(|t| to_json(&Value::Text(t.clone()), kind))
                .collect(),
        ),
        Value::Text(text) => {
            let nests = kind == Kind::Json || (kind == Kind::Any && text.starts_with(['{', '[']));
            let number = kind == Kind::Any && read(text).is_some_and(|n| format_number(n) == *text);
            (nests || number)
                .then(|| parse(text))
                .flatten()
                .unwrap_or_else(|| Json::String(text.clone()))
        }
    }
}

/// The arguments from the one with this number on, as JSON.
fn of_arguments<'a>(
    call: &'a Call<'_>,
    values: &'a [Value],
    from: usize,
) -> impl Iterator<Item = Json> + 'a {
    values
        .iter()
        .enumerate()
        .skip(from)
        .map(|(i, v)| to_json(v, call.kind(i)))
}

fn object(call: &mut Call<'_>, values: &[Value]) -> Option<Value> {
    let mut members = serde_json::Map::new();
    for (i, pair) in values.chunks_exact(2).enumerate() {
        if let [key, member] = pair {
            members.insert(
                key.to_text()?.into_owned(),
                to_json(member, call.kind(2 * i + 1)),
            );
        }
    }
    Some(value(Json::Object(members)))
}

/// The document changed by each pair of path and value, from left to right.
fn change(
    call: &mut Call<'_>,
    values: &[Value],
    mut f: impl FnMut(&mut Json, &str, Json) -> Option<()>,
) -> Option<Value> {
    let mut json = document(values)?;
    let rest = values.get(1..)?;
    for (i, pair) in rest.chunks_exact(2).enumerate() {
        if let [path, new] = pair {
            f(
                &mut json,
                &path.to_text()?,
                to_json(new, call.kind(2 * i + 2)),
            )?;
        }
    }
    Some(value(json))
}

fn set(call: &mut Call<'_>, values: &[Value], path: fn(&str) -> Option<Path>) -> Option<Value> {
    change(call, values, |json, text, new| {
        path(text)?.set(json, &new);
        Some(())
    })
}

/// Adds at the end of arrays; a value that is no array becomes one first.
fn add(call: &mut Call<'_>, values: &[Value], flatten: bool) -> Option<Value> {
    change(call, values, |json, text, new| {
        Path::parse(text)?.change(json, &mut |place| {
            if !place.is_array() {
                *place = Json::Array(vec![place.take()]);
            }
            if let Json::Array(items) = place {
                match &new {
                    Json::Array(more) if flatten => items.extend(more.iter().cloned()),
                    one => items.push(one.clone()),
                }
            }
        });
        Some(())
    })
}

fn delete(_: &mut Call<'_>, values: &[Value]) -> Option<Value> {
    let mut json = document(values)?;
    for key in values.get(1..)? {
        let text = key.to_text()?;
        let keys = match parse(&text) {
            Some(Json::Array(keys)) => keys.iter().filter_map(to_text).collect(),
            _ => vec![text.into_owned()],
        };
        for key in keys {
            Path::parse(&key)?.delete(&mut json);
        }
    }
    Some(value(json))
}

fn entries(_: &mut Call<'_>, values: &[Value]) -> Option<Value> {
    let json = document(values)?;
    let entries = json.as_object()?.iter().map(|(key, member)| {
        let mut entry = serde_json::Map::new();
        entry.insert("key".to_owned(), Json::String(key.clone()));
        entry.insert("value".to_owned(), member.clone());
        Json::Object(entry)
    });
    Some(value(Json::Array(entries.collect())))
}

fn extract(values: &[Value], path: impl Fn(&str) -> Option<Path>) -> Option<Value> {
    let json = document(values)?;
    let found = |text: &Value| -> Option<Json> {
        let path = path(&text.to_text()?)?;
        let mut found = path.find(&json).into_iter().cloned();
        if path.is_plural() && !(json.is_object() && path == Path::parse("{}")?) {
            let all: Vec<Json> = found.collect();
            return (!all.is_empty()).then_some(Json::Array(all));
        }
        found.next()
    };
    match values.get(1..)? {
        [] => native(&json),
        [one] => native(&found(one)?),
        several => {
            let all = several.iter().map(|p| found(p).unwrap_or(Json::Null));
            Some(value(Json::Array(all.collect())))
        }
    }
}

fn array_to_mv(_: &mut Call<'_>, values: &[Value]) -> Option<Value> {
    let Json::Array(items) = document(values)? else {
        return None;
    };
    let quotes = matches!(values.get(1), Some(Value::Bool(true)));
    let texts = items.iter().map(|item| match item {
        Json::String(text) if !quotes => text.clone(),
        other => other.to_string(),
    });
    Some(Value::multi(texts.collect()))
}

fn mv_to_array(_: &mut Call<'_>, values: &[Value]) -> Option<Value> {
    let first = values.first()?;
    if first.is_null() {
        return None;
    }
    let texts = first.to_texts();
    if matches!(values.get(1), Some(Value::Bool(true))) {
        return Some(Value::Text(infer_array(texts.iter().map(AsRef::as_ref))));
    }
    let items = texts.into_iter().map(|t| Json::String(t.into_owned()));
    Some(value(Json::Array(items.collect())))
}

/// A JSON array of what the texts are as JSON; what is none becomes null.
pub(super) fn infer_array<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    Json::Array(texts.map(|t| parse(t).unwrap_or(Json::Null)).collect()).to_string()
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::on;

    #[test]
    fn json_comes_out_as_in_the_reference() {
        let cities = r#"[{"name":"London","Bridges":[{"name":"Tower Bridge","length":801}]},{"name":"Venice","Bridges":[{"name":"Rialto Bridge","length":157}]}]"#;
        let fields = [
            ("cities", cities),
            ("o", r#"{"a":1}"#),
            ("t", "x"),
            ("n", "25"),
            ("m", "a|1"),
            ("l", "[1,2]"),
        ];
        for (text, result) in [
            (r#"json_extract(cities, "{0}.name")"#, "London"),
            (
                r#"json_extract(cities, "{}.name")"#,
                r#"["London","Venice"]"#,
            ),
            (
                r#"json_extract(cities, "{}.Bridges{}.name")"#,
                r#"["Tower Bridge","Rialto Bridge"]"#,
            ),
            (r#"json_extract(cities, "{0}.Bridges{0}.length")+1"#, "802"),
            (
                r#"json_extract(cities, "{1}.Bridges{0}")"#,
                r#"{"name":"Rialto Bridge","length":157}"#,
            ),
            (
                r#"json_extract(cities, "{0}.name", "{1}.name", "x")"#,
                r#"["London","Venice",null]"#,
            ),
            (r#"json_extract(o, "{}")"#, r#"{"a":1}"#),
            (r#"json_extract(o, "b")"#, ""),
            (r#"json_extract(t, "b")"#, ""),
            (
                r#"json_object("o", o, "t", t, "n", n, "s", "[1]", "j", json_array(1))"#,
                r#"{"o":{"a":1},"t":"x","n":25,"s":"[1]","j":[1]}"#,
            ),
            (r#"json_array(m, null())"#, r#"[["a",1],null]"#),
            (
                r#"json_set(o, "a", "b", "c.d", true())"#,
                r#"{"a":"b","c":{"d":true}}"#,
            ),
            (r#"json_set(o, "a.c", "d")"#, r#"{"a":1}"#),
            (r#"json_append(o, "a", 2, "x", 3)"#, r#"{"a":[1,2]}"#),
            (
                r#"json_extend(json_object("a", l), "a", l)"#,
                r#"{"a":[1,2,1,2]}"#,
            ),
            (
                r#"json_append(json_object("a", l), "a", l)"#,
                r#"{"a":[1,2,[1,2]]}"#,
            ),
            (
                r#"json_delete(json_object("a", o, "b", 1), "a.a", "b")"#,
                r#"{"a":{}}"#,
            ),
            (
                r#"json_array_to_mv(json_array("a", 1), true())"#,
                r#""a", 1"#,
            ),
            (r#"mv_to_json_array(m)"#, r#"["a","1"]"#),
            (r#"mv_to_json_array(m, true())"#, "[null,1]"),
            (r#"json(t)"#, ""),
        ] {
            assert_eq!(on(text, &fields), result, "{text}");
        }
    }
}
