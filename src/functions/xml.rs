//! XML for spath and xpath: takes texts, gives the values in them by paths. The one door to uppsala.
//!
//! Several elements side by side, as a log file holds them, are read as if one element held them all. For spath, what
//! is no well-formed XML is repaired first; for xpath it has no values.

mod repair;

use indexmap::IndexMap;
use std::borrow::Cow;
use uppsala::{Document, Element, NodeId, NodeKind, Parser, XPathEvaluator, XPathValue};

/// Nodes that one XPath expression may look at in one text: past it the run stops with an error.
const MOST_VISITS: usize = 10_000_000;

/// Reads a text as spath does, whatever it looks like.
fn read_any<T: Default>(text: &str, mut then: impl FnMut(&mut Document<'_>) -> T) -> T {
    let strict = read(text, false, &mut then);
    strict
        .or_else(|| read(&repair::repaired(text), false, then))
        .unwrap_or_default()
}

/// Holds the elements of a text that has several at its top.
const HOLDER: &str = "spelunk";

/// Whether a text looks like XML.
pub fn looks_like(text: &str) -> bool {
    text.trim_start().starts_with('<')
}

/// Reads a text; `namespaces` says whether prefixes have to be declared.
fn read<T>(text: &str, namespaces: bool, then: impl FnOnce(&mut Document<'_>) -> T) -> Option<T> {
    let text = text.trim();
    let parser = Parser::with_namespace_aware(namespaces);
    if let Ok(mut document) = parser.parse(text) {
        return Some(then(&mut document));
    }
    // A declaration can't stand inside an element.
    let body = match text.strip_prefix("<?xml") {
        Some(rest) => rest.split_once("?>")?.1,
        None => text,
    };
    let held = format!("<{HOLDER}>{body}</{HOLDER}>");
    let mut document = parser.parse(&held).ok()?;
    let (root, holder) = (document.root(), document.document_element()?);
    for child in document.children(holder) {
        document.append_child(root, child);
    }
    document.detach(holder);
    Some(then(&mut document))
}

/// The texts of all elements and attributes under their paths: `a.b`, `a.b{@c}`.
pub fn members(text: &str) -> IndexMap<String, Vec<String>> {
    let walk = |document: &mut Document<'_>| {
        let mut found = IndexMap::new();
        for child in document.children_iter(document.root()) {
            element(document, child, "", &mut found);
        }
        found
    };
    read_any(text, walk)
}

/// The attributes of an element with their names as written, declarations of namespaces included.
fn attributes<'e>(element: &'e Element<'_>) -> impl Iterator<Item = (Cow<'e, str>, &'e str)> {
    let declared = element.namespace_declarations.iter();
    let declared = declared.map(|(prefix, namespace)| {
        let name = match prefix.as_ref() {
            "" => Cow::Borrowed("xmlns"),
            prefix => Cow::Owned(format!("xmlns:{prefix}")),
        };
        (name, namespace.as_ref())
    });
    let plain = element.attributes.iter();
    declared.chain(plain.map(|a| (a.name.prefixed_name(), a.value.as_ref())))
}

fn element(
    document: &Document<'_>,
    node: NodeId,
    above: &str,
    found: &mut IndexMap<String, Vec<String>>,
) {
    let Some(data) = document.element(node) else {
        return;
    };
    let name = data.name.prefixed_name();
    let path = match above {
        "" => name.into_owned(),
        _ => format!("{above}.{name}"),
    };
    for (name, value) in attributes(data) {
        let values: &mut Vec<String> = found.entry(format!("{path}{{@{name}}}")).or_default();
        values.push(value.to_owned());
    }
    let mut own = String::new();
    for child in document.children_iter(node) {
        if let Some(NodeKind::Text(text) | NodeKind::CData(text)) = document.node_kind(child) {
            own.push_str(text);
        }
    }
    if !own.trim().is_empty() {
        let values = found.entry(path.clone()).or_default();
        values.push(own.trim().to_owned());
    }
    for child in document.children_iter(node) {
        element(document, child, &path, found);
    }
}

/// One step of a path of spath.
#[derive(Debug)]
struct Step<'p> {
    name: &'p str,
    /// From 1.
    place: Option<usize>,
    attribute: Option<&'p str>,
}

/// The steps of a path: `a.b{2}.c{@d}`; `None` when its braces mean nothing in XML.
fn steps(path: &str) -> Option<Vec<Step<'_>>> {
    let (mut found, mut rest) = (Vec::new(), path);
    loop {
        let end = rest.find(['.', '{']).unwrap_or(rest.len());
        let (name, mut after) = rest.split_at(end);
        let (mut place, mut attribute) = (None, None);
        while let Some((inside, left)) = after.strip_prefix('{').and_then(|t| t.split_once('}')) {
            match inside.strip_prefix('@') {
                Some(name) => attribute = Some(name),
                None if inside.is_empty() => {}
                None => place = Some(inside.parse().ok()?),
            }
            after = left;
        }
        found.push(Step {
            name,
            place,
            attribute,
        });
        rest = match after.strip_prefix('.') {
            Some(rest) if found.iter().all(|s| s.attribute.is_none()) => rest,
            None if after.is_empty() => return Some(found),
            _ => return None,
        };
    }
}

/// Whether a text is a path of spath into XML.
pub fn is_path(path: &str) -> bool {
    steps(path).is_some()
}

/// The values at a path of spath. An element that holds others gives the XML inside it.
pub fn at_path(text: &str, path: &str) -> Vec<String> {
    let Some(steps) = steps(path) else {
        return Vec::new();
    };
    let walk = |document: &mut Document<'_>| {
        let mut nodes = vec![document.root()];
        for step in &steps {
            let named = |node: &NodeId| {
                let element = document.element(*node);
                element.is_some_and(|e| e.name.prefixed_name() == step.name)
            };
            let below = |node: NodeId| {
                let children = document.children_iter(node).filter(named);
                let (skipped, taken) = match step.place {
                    Some(place) => (place.checked_sub(1), 1),
                    None => (Some(0), usize::MAX),
                };
                let (skipped, taken) = skipped.map_or((0, 0), |skipped| (skipped, taken));
                children.skip(skipped).take(taken).collect::<Vec<_>>()
            };
            nodes = nodes.into_iter().flat_map(below).collect();
        }
        let attribute = steps.last().and_then(|step| step.attribute);
        let value = |node: NodeId| match attribute {
            Some(name) => {
                let mut all = attributes(document.element(node)?);
                all.find(|(own, _)| own == name)
                    .map(|(_, value)| value.to_owned())
            }
            None => Some(inside(document, node)).filter(|text| !text.is_empty()),
        };
        nodes.into_iter().filter_map(value).collect()
    };
    read_any(text, walk)
}

fn holds_elements(document: &Document<'_>, node: NodeId) -> bool {
    let mut children = document.children_iter(node);
    children.any(|child| document.element(child).is_some())
}

/// The text of an element, or the XML inside it when it holds others.
fn inside(document: &Document<'_>, node: NodeId) -> String {
    if !holds_elements(document, node) {
        return document.text_content_deep(node).trim().to_owned();
    }
    let parts = document.children_iter(node);
    let parts: String = parts.map(|child| markup(document, child)).collect();
    parts.trim().to_owned()
}

/// A node as it was written.
fn markup<'d>(document: &'d Document<'_>, node: NodeId) -> Cow<'d, str> {
    match document.node_source(node) {
        Some(source) => Cow::Borrowed(source),
        None => Cow::Owned(document.node_to_xml(node)),
    }
}

/// An XPath 1.0 expression.
pub struct XPath {
    expression: String,
    /// Keeps the expression compiled.
    evaluator: XPathEvaluator,
}

impl std::fmt::Debug for XPath {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("XPath").field(&self.expression).finish()
    }
}

impl XPath {
    /// Checks an expression.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn new(expression: &str) -> Result<Self, String> {
        let path = Self {
            expression: expression.to_owned(),
            evaluator: XPathEvaluator::new().with_max_node_visits(MOST_VISITS),
        };
        let mut empty = Document::new();
        empty.prepare_xpath();
        path.evaluate(&empty).map(|_| path)
    }

    fn evaluate(&self, document: &Document<'_>) -> Result<XPathValue, String> {
        let (root, expression) = (document.root(), self.expression.as_str());
        let value = match expression.contains(':') {
            false => self.evaluator.evaluate(document, root, expression),
            // Prefixes are those that the text declares; others name nothing in it.
            true => {
                let mut evaluator = XPathEvaluator::new().with_max_node_visits(MOST_VISITS);
                for node in document.descendants(root) {
                    let element = document.element(node);
                    for (prefix, namespace) in
                        element.iter().flat_map(|e| &e.namespace_declarations)
                    {
                        evaluator.add_namespace(prefix.as_ref(), namespace.as_ref());
                    }
                }
                evaluator.evaluate(document, root, expression)
            }
        };
        value.map_err(|error| match error {
            uppsala::XmlError::XPath(error) => error.message,
            other => other.to_string(),
        })
    }

    /// The values in a text: attributes and elements of text give their text, other elements their XML.
    ///
    /// # Errors
    /// Why the expression can't be evaluated over this text.
    pub fn values(&self, text: &str) -> Result<Vec<String>, String> {
        let walk = |document: &mut Document<'_>| {
            document.prepare_xpath();
            let value = self.evaluate(document)?;
            let XPathValue::NodeSet(nodes) = value else {
                return Ok(vec![value.to_string_value(document)]);
            };
            let value = |node: NodeId| match holds_elements(document, node) {
                true => markup(document, node).into_owned(),
                false => XPathValue::NodeSet(vec![node])
                    .to_string_value(document)
                    .trim()
                    .to_owned(),
            };
            Ok(nodes.into_iter().map(value).collect())
        };
        read(text, true, walk).unwrap_or(Ok(Vec::new()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRODUCTS: &str = r#"<?xml version="1.0"?>
<set vendor="2"><product id="17"><desc lang="es">Precios &amp; más</desc><desc lang="fr">Prix</desc></product>
<product id="18"><desc/><x:y xmlns:x="urn:x" x:z="1"><![CDATA[<b>]]></x:y></product></set>"#;

    #[test]
    fn all_elements_and_attributes_have_paths() {
        let found = members(PRODUCTS);
        let shown: Vec<String> = found
            .iter()
            .map(|(path, values)| format!("{path}={}", values.join("|")))
            .collect();
        assert_eq!(
            shown,
            [
                "set{@vendor}=2",
                "set.product{@id}=17|18",
                "set.product.desc{@lang}=es|fr",
                "set.product.desc=Precios & más|Prix",
                "set.product.x:y{@xmlns:x}=urn:x",
                "set.product.x:y{@x:z}=1",
                "set.product.x:y=<b>",
            ]
        );
        assert_eq!(members("<a c=5><b>x</a>")["a.b"], ["x"]);
        assert!(members("<13>words").is_empty());
        assert_eq!(members("<a>1</a> <a>2</a>")["a"], ["1", "2"]);
    }

    #[test]
    fn paths_count_from_one_and_name_attributes() {
        for (path, expected) in [
            ("set.product.desc", "Precios & más|Prix"),
            ("set.product{1}.desc{2}", "Prix"),
            ("set.product{2}{@id}", "18"),
            ("set.product.desc{@lang}", "es|fr"),
            ("set.product{0}.desc", ""),
            (
                "set.product{1}",
                r#"<desc lang="es">Precios &amp; más</desc><desc lang="fr">Prix</desc>"#,
            ),
            ("product", ""),
            ("set.product{x}", ""),
            ("set.product{@id}.desc", ""),
        ] {
            assert_eq!(at_path(PRODUCTS, path).join("|"), expected, "{path}");
        }
    }

    #[test]
    fn xpath_selects_nodes_and_computes() {
        for (expression, expected) in [
            ("//desc/@lang", "es|fr"),
            ("/set/product[@id='18']/@id", "18"),
            ("//desc[2]", "Prix"),
            ("//desc[@lang='fr']/text()", "Prix"),
            ("count(//product)", "2"),
            ("//x:y", "<b>"),
            ("//q:y", ""),
            ("//*[local-name()='y']", "<b>"),
            (
                "//product[2]",
                r#"<product id="18"><desc/><x:y xmlns:x="urn:x" x:z="1"><![CDATA[<b>]]></x:y></product>"#,
            ),
            ("//nothing", ""),
            ("//product/following-sibling::product/@id", "18"),
            ("string(//product/@id)", "17"),
            ("boolean(//none)", "false"),
            ("concat(//desc[1]/@lang, '-', sum(//@id))", "es-35"),
        ] {
            let values = XPath::new(expression).unwrap().values(PRODUCTS).unwrap();
            assert_eq!(values.join("|"), expected, "{expression}");
        }
        let side_by_side = "<foo><bar n='1'/></foo>\n<foo><bar n='2'/></foo>";
        assert_eq!(
            XPath::new("/foo/bar/@n")
                .unwrap()
                .values(side_by_side)
                .unwrap(),
            ["1", "2"]
        );
        assert!(XPath::new("//a[").is_err());
        assert!(XPath::new("nope(1)").is_err());
    }
}
