//! `iplocation`: where addresses are, from a MaxMind file. The one door to maxminddb.

use super::arguments::Arguments;
use super::{BuildContext, Command, Example, OptionDoc, ParseContext, Stage, Tables};
use crate::data::{Batch, Column, Context, Demand, FieldName, Value};
use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::functions::Cidr;
use crate::operators::{Operator, streaming};
use crate::syntax::StageText;
use serde_json::Value as Json;
use std::collections::HashMap;
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering as Memory};

/// Networks whose addresses are nowhere: private, reserved, for documentation (IANA's registries of special purpose).
const NOWHERE: &[&str] = &[
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "::/127",
    "64:ff9b:1::/48",
    "100::/64",
    "2001::/23",
    "2001:db8::/32",
    "2002::/16",
    "3fff::/20",
    "fc00::/7",
    "fe80::/10",
    "ff00::/8",
];

/// Each field with its path in a record; the later ones only with `allfields`.
const FIELDS: &[(&str, &str)] = &[
    ("City", "/city/names/en"),
    ("Country", "/country/names/en"),
    ("Region", "/subdivisions/0/names/en"),
    ("lat", "/location/latitude"),
    ("lon", "/location/longitude"),
    ("Continent", "/continent/names/en"),
    ("MetroCode", "/location/metro_code"),
    ("Timezone", "/location/time_zone"),
];

/// The command.
pub struct Iplocation;

impl Command for Iplocation {
    fn name(&self) -> &'static str {
        "iplocation"
    }
    fn summary(&self) -> &'static str {
        "Adds City, Country, Region, lat and lon of an address, from the MaxMind file named by --geoip"
    }
    fn usage(&self) -> &'static str {
        "iplocation [prefix=<text>] [allfields=<bool>] [lang=<language>] <field>"
    }
    fn options(&self) -> &'static [OptionDoc] {
        &[
            OptionDoc {
                name: "prefix",
                value: "<text>",
                default: "",
                summary: "What stands before the fields' names",
            },
            OptionDoc {
                name: "allfields",
                value: "true|false",
                default: "false",
                summary: "Adds Continent, MetroCode and Timezone too",
            },
            OptionDoc {
                name: "lang",
                value: "<language>[,<language>]…",
                default: "en",
                summary: "The language of the names, or several in order of preference with commas, as far as the file has them: en, de, es, fr, ja, pt-BR, ru, zh-CN; code gives two-letter codes of country, region and continent",
            },
        ]
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "* | iplocation ip | table ip Country",
                input: "{\"ip\":\"10.1.2.3\"}",
                output: "{\"ip\":\"10.1.2.3\"}",
            },
            Example {
                query: "* | iplocation prefix=src_ ip | fillnull value=nowhere src_Country | table src_Country",
                input: "{\"ip\":\"192.168.0.1\"}",
                output: "{\"src_Country\":\"nowhere\"}",
            },
        ]
    }
    fn parse(
        &self,
        text: &StageText,
        cx: &ParseContext<'_>,
    ) -> Result<Box<dyn Stage>, Diagnostics> {
        let mut arguments = Arguments::read(self, text);
        let prefix = arguments.text("prefix").unwrap_or_default();
        let all = arguments.flag("allfields", false);
        let language = arguments.text("lang").unwrap_or_else(|| "en".to_owned());
        let count = if all { FIELDS.len() } else { 5 };
        let fields = FIELDS
            .iter()
            .take(count)
            .map(|(name, path)| Field {
                name: format!("{prefix}{name}").into(),
                paths: paths(path, &language),
            })
            .collect();
        let address = arguments.only("the field with the address").map(|w| w.text);
        let tables = cx.tables.clone();
        arguments.finish(|| {
            Box::new(Located {
                address: address.unwrap_or_default().into(),
                fields,
                tables,
            }) as Box<dyn Stage>
        })
    }
}

#[derive(Debug, Clone)]
struct Field {
    name: FieldName,
    /// As JSON pointers, the first that is there counts.
    paths: Vec<String>,
}

impl Field {
    /// Whether it is a latitude or longitude.
    fn is_place(&self) -> bool {
        self.paths.iter().any(|path| path.ends_with("itude"))
    }
}

/// The paths of a field in each of the languages.
fn paths(path: &str, languages: &str) -> Vec<String> {
    let Some(owner) = path.strip_suffix("/names/en") else {
        return vec![path.to_owned()];
    };
    let language = |language: &str| match (language, owner) {
        ("code", "/continent") => format!("{owner}/code"),
        ("code", _) => format!("{owner}/iso_code"),
        _ => format!("{owner}/names/{language}"),
    };
    let languages = languages.split(',').map(str::trim);
    languages.map(language).collect()
}

/// `iplocation` with its arguments.
#[derive(Debug, Clone)]
struct Located {
    address: FieldName,
    fields: Vec<Field>,
    tables: Arc<dyn Tables>,
}

impl Stage for Located {
    fn demand(&self, after: &Demand) -> Demand {
        let mut demand = after.clone();
        for field in &self.fields {
            demand.remove(&field.name);
        }
        demand.add_exact(&self.address);
        demand
    }
    fn creates(&self) -> Vec<String> {
        self.fields.iter().map(|f| f.name.to_string()).collect()
    }
    fn operator(&self, cx: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        let places = Places::open(self.tables.locations().as_deref(), cx.context)?;
        let located = self.clone();
        Ok(streaming(move |batch| located.apply(batch, &places)))
    }
}

impl Located {
    fn apply(&self, mut batch: Batch, places: &Places) -> Batch {
        let own = batch.column(&self.address);
        let mut known: HashMap<String, Option<Json>> = HashMap::new();
        let mut records: Vec<Option<Json>> = Vec::with_capacity(batch.rows());
        for row in 0..batch.rows() {
            let record = own.text(row).and_then(|text| {
                let found = known.entry(text.into_owned());
                let text = found.key().clone();
                found.or_insert_with(|| places.find(&text)).clone()
            });
            records.push(record);
        }
        for field in &self.fields {
            let found = |record: &'_ Json| {
                let mut paths = field.paths.iter();
                paths.find_map(|path| record.pointer(path).cloned())
            };
            let value = |record: &Option<Json>| match record.as_ref().and_then(found) {
                Some(Json::String(text)) => Value::Text(text),
                // Splunk writes places to five digits.
                Some(Json::Number(number)) if field.is_place() => {
                    let degrees = number.as_f64().unwrap_or_default();
                    Value::Text(format!("{degrees:.5}"))
                }
                Some(number @ Json::Number(_)) => Value::Text(number.to_string()),
                _ => Value::Null,
            };
            let column = Column::from_values(records.iter().map(value));
            batch.set(field.name.clone(), column);
        }
        batch
    }
}

/// A MaxMind file, or none.
struct Places {
    file: Option<maxminddb::Reader<Vec<u8>>>,
    nowhere: Vec<Cidr>,
    context: Context,
    told: AtomicBool,
}

impl Places {
    fn open(path: Option<&Path>, context: &Context) -> Result<Self, Diagnostic> {
        let open = |path: &Path| {
            maxminddb::Reader::open_readfile(path).map_err(|error| {
                let message = format!(
                    "{} can't be read as a MaxMind file: {error}",
                    path.display()
                );
                Diagnostic::new(&code::LOOKUP, message)
            })
        };
        Ok(Self {
            file: path.map(open).transpose()?,
            nowhere: NOWHERE
                .iter()
                .filter_map(|text| Cidr::parse(text))
                .collect(),
            context: context.clone(),
            told: AtomicBool::new(false),
        })
    }

    /// The record of an address; none for private and reserved ones, and for what is no address.
    fn find(&self, text: &str) -> Option<Json> {
        // A subnet is where its first address is.
        let text = text.trim().split('/').next().unwrap_or_default();
        let address: IpAddr = text.parse().ok()?;
        let mut nowhere = self.nowhere.iter();
        if nowhere.any(|network| network.contains(text) == Some(true)) {
            return None;
        }
        let Some(file) = &self.file else {
            if !self.told.swap(true, Memory::Relaxed) {
                let text = "iplocation has no file that says where public addresses are: name a MaxMind file with --geoip";
                self.context.notices.push("no-locations", text, true);
            }
            return None;
        };
        file.lookup(address).ok()?.decode::<Json>().ok()?
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn text(out: &mut Vec<u8>, text: &str) {
        out.push(0x40 | text.len() as u8);
        out.extend(text.as_bytes());
    }

    /// A MaxMind file in which every IPv4 address is in one place.
    fn file() -> Vec<u8> {
        // One node, whose two sides point at the first record: count of nodes + 16 + its offset.
        let mut out = vec![0, 0, 17, 0, 0, 17];
        out.extend([0; 16]);
        out.push(0xE2);
        text(&mut out, "country");
        out.push(0xE1);
        text(&mut out, "names");
        out.push(0xE1);
        text(&mut out, "en");
        text(&mut out, "Erewhon");
        text(&mut out, "location");
        out.push(0xE1);
        text(&mut out, "latitude");
        out.push(0x68);
        out.extend(51.5f64.to_be_bytes());
        out.extend(b"\xAB\xCD\xEFMaxMind.com");
        out.push(0xE9);
        for (name, value) in [
            ("node_count", &[0xC1, 1][..]),
            ("record_size", &[0xA1, 24]),
            ("ip_version", &[0xA1, 4]),
            ("binary_format_major_version", &[0xA1, 2]),
            ("binary_format_minor_version", &[0xA0]),
            ("build_epoch", &[0x01, 0x02, 1]),
            ("database_type", b"\x44Test"),
            ("languages", &[0x01, 0x04, 0x42, b'e', b'n']),
            ("description", &[0xE0]),
        ] {
            text(&mut out, name);
            out.extend(value);
        }
        out
    }

    #[test]
    fn places_come_from_the_file_and_private_addresses_have_none() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.mmdb");
        std::fs::write(&path, file()).unwrap();
        let context = Context::default();
        let places = Places::open(Some(&path), &context).unwrap();
        let record = places.find("8.8.8.8").unwrap();
        assert_eq!(record.pointer("/country/names/en").unwrap(), "Erewhon");
        assert_eq!(
            record.pointer("/location/latitude").unwrap().to_string(),
            "51.5"
        );
        assert!(places.find("192.168.1.1").is_none() && places.find("fe80::1").is_none());
        assert!(places.find("x").is_none() && places.find("10.0.0.0/8").is_none());
        assert!(places.find("8.8.8.0/24").is_some());
        assert!(context.notices.list().is_empty());
        std::fs::write(&path, "no database").unwrap();
        assert!(Places::open(Some(&path), &context).is_err());
    }

    #[test]
    fn languages_are_tried_in_order_and_code_gives_codes() {
        assert_eq!(
            paths("/country/names/en", "de, en"),
            ["/country/names/de", "/country/names/en"]
        );
        assert_eq!(paths("/continent/names/en", "code"), ["/continent/code"]);
        assert_eq!(paths("/country/names/en", "code"), ["/country/iso_code"]);
        assert_eq!(paths("/location/latitude", "de"), ["/location/latitude"]);
    }

    #[test]
    fn without_a_file_it_says_so_for_public_addresses() {
        let context = Context::default();
        let places = Places::open(None, &context).unwrap();
        assert!(places.find("10.0.0.1").is_none() && context.notices.list().is_empty());
        assert!(places.find("8.8.8.8").is_none() && places.find("9.9.9.9").is_none());
        assert_eq!(context.notices.list().len(), 1);
    }
}
