//! Searches given as text while a query runs (`map`), and saved ones: takes text or a name, gives a plan.

use super::{Around, Goal, Query, nested, plan_pipeline, tables};
use crate::commands::{Searches, Subplan, Tables};
use crate::data::Context;
use crate::diagnostic::{Diagnostic, Diagnostics, code};
use crate::knowledge::{self, Library};
use crate::syntax;
use std::path::PathBuf;
use std::sync::Arc;

/// Saved searches that call each other at most.
const DEPTH: usize = 10;

/// What is needed to plan a search.
#[derive(Clone)]
pub(super) struct Texts {
    pub(super) library: Arc<Library>,
    pub(super) queries: Vec<PathBuf>,
    pub(super) context: Context,
    pub(super) runner: Arc<nested::Runner>,
    pub(super) tables: Arc<tables::Folders>,
    pub(super) depth: usize,
}

impl std::fmt::Debug for Texts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Texts").field("depth", &self.depth).finish()
    }
}

impl Texts {
    /// A plan of a query's text. Its errors have places in that text.
    fn planned(&self, query: &Query, subsearch: bool) -> Result<Arc<dyn Subplan>, Diagnostics> {
        if self.depth >= DEPTH {
            let message = format!("searches call each other over {DEPTH} deep");
            return Err(vec![Diagnostic::new(&code::TOO_DEEP, message)]);
        }
        let (expanded, errors) = super::expanded(&self.library, query, &self.context);
        if !errors.is_empty() {
            return Err(errors);
        }
        let resolved = |mut errors: Diagnostics| {
            expanded.map.resolve(&mut errors);
            errors
        };
        let (pipeline, errors) = match subsearch {
            true => syntax::parse_subsearch(&expanded.text, 0),
            false => syntax::parse_pipeline(&expanded.text, 0),
        };
        let Some(pipeline) = pipeline.filter(|_| errors.is_empty()) else {
            return Err(resolved(errors));
        };
        let tables: Arc<dyn Tables> = self.tables.clone();
        let deeper: Arc<dyn Searches> = Arc::new(Self {
            depth: self.depth + 1,
            ..self.clone()
        });
        let around = Around {
            context: &self.context,
            runner: &self.runner,
            tables: &tables,
            searches: &deeper,
        };
        let plan = plan_pipeline(&pipeline, false, &Goal::default(), &around).map_err(resolved)?;
        Ok(nested::Nested::new(plan, self.runner.clone()))
    }
}

impl Searches for Texts {
    fn plan(&self, text: &str) -> Result<Arc<dyn Subplan>, Diagnostics> {
        self.planned(&Query::typed(text), true)
    }

    fn transaction(&self, name: &str) -> Result<Vec<(String, String)>, Diagnostic> {
        knowledge::transactions::find(name, self.library.folders())
    }

    fn saved(
        &self,
        name: &str,
        pairs: &[(String, String)],
    ) -> Result<Arc<dyn Subplan>, Diagnostics> {
        let found = knowledge::saved::find(name, &self.queries).map_err(|e| vec![e])?;
        let mut query = Query::saved(found);
        if !pairs.is_empty() {
            // The text is no longer that of the file: places in it are told in the text itself.
            let mut text = query.text.text().to_string();
            for (name, value) in pairs {
                text = text.replace(&format!("${name}$"), value);
            }
            query.text = Query::typed(&text).text;
        }
        self.planned(&query, false)
    }
}
