//! A plan for people: takes facts a stage, gives aligned text.

/// One stage.
#[derive(Debug, Clone, Default)]
pub struct ExplainRow {
    /// Its text.
    pub text: String,
    /// `streaming`, `mergeable`, `serial`, `in the source`.
    pub kind: String,
    /// The order made before it, or empty.
    pub order: String,
    /// Fields wanted of what comes before.
    pub fields: String,
}

/// The lines: expanded query, the source's part, then a block a stage.
pub fn explain(expanded: &str, source: &[(String, String)], stages: &[ExplainRow]) -> String {
    let mut out = format!(
        "query\n  {}\n\nsource\n",
        expanded.trim().replace('\n', "\n  ")
    );
    let label = source.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    for (name, text) in source {
        out.push_str(&format!("  {name:label$}  {text}\n"));
    }
    out.push_str("\nchain\n");
    for (number, stage) in stages.iter().enumerate() {
        out.push_str(&format!(
            "  {}. {}\n",
            number + 1,
            stage.text.replace('\n', " ")
        ));
        let mut facts = vec![stage.kind.clone()];
        if !stage.order.is_empty() {
            facts.push(format!("takes {}", stage.order));
        }
        facts.push(format!("reads {}", stage.fields));
        out.push_str(&format!("     {}\n", facts.join("; ")));
    }
    out
}
