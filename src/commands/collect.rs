//! `collect`: writes the rows as events of an index, to a file below the folder that the user named, and passes them on.

use super::arguments::Arguments;
use super::{
    BuildContext, Command, Example, Kind, OptionDoc, Ordering, ParseContext, Stage, Tables,
};
use crate::data::{Batch, Context, Demand};
use crate::diagnostic::{Diagnostic, Diagnostics, Span, code};
use crate::operators::{Flow, Operator, Serial};
use crate::syntax::StageText;
use std::path::PathBuf;
use std::sync::Arc;

mod event;

use event::{Hec, Raw, Shape};

/// The command.
pub struct Collect;

const OPTIONS: &[OptionDoc] = &[
    OptionDoc::new(
        "index",
        "<name>",
        "",
        "The folder below that of --collect; must be there",
    ),
    OptionDoc::new(
        "file",
        "<name>",
        "$random$_events.stash",
        "The file in it; $timestamp$ and $random$ make a new name. A file that is there is never written to",
    ),
    OptionDoc::new(
        "output_format",
        "raw|hec",
        "raw",
        "raw: a line of text an event; hec: a JSON object with time, metadata and fields",
    ),
    OptionDoc::new(
        "addtime",
        "true|false",
        "true",
        "raw: a time leads events without _raw: that of info_min_time, else of _time, else now",
    ),
    OptionDoc::new(
        "timeformat",
        "<format>",
        "%m/%d/%Y %H:%M:%S %z",
        "raw: how that time is written, as for strftime",
    ),
    OptionDoc::new(
        "addinfo",
        "true|false",
        "true",
        "raw: events without _raw tell the time range and the time of the search",
    ),
    OptionDoc::new(
        "marker",
        "<text>",
        "",
        "raw: stands at the end of each event",
    ),
    OptionDoc::new(
        "testmode",
        "true|false",
        "false",
        "raw: writes nothing; _raw of the rows is what would be written",
    ),
    OptionDoc::new(
        "host",
        "<text>",
        "",
        "hec: the events' host, else the row's own",
    ),
    OptionDoc::new(
        "source",
        "<text>",
        "",
        "hec: the events' source, else the row's own",
    ),
    OptionDoc::new(
        "sourcetype",
        "<text>",
        "",
        "hec: the events' sourcetype, else the row's own",
    ),
];

/// What only one of the formats can hold.
const ONLY_RAW: [&str; 5] = ["addtime", "timeformat", "addinfo", "marker", "testmode"];
const ONLY_HEC: [&str; 3] = ["host", "source", "sourcetype"];

impl Command for Collect {
    fn name(&self) -> &'static str {
        "collect"
    }
    fn aliases(&self) -> &'static [&'static str] {
        &["summaryindex", "sumindex"]
    }
    fn summary(&self) -> &'static str {
        "Writes the rows as events to a new file below the folder named by --collect, and passes them on"
    }
    fn usage(&self) -> &'static str {
        "collect index=<name> [file=<name>] [output_format=raw|hec] [addtime=<bool>] [timeformat=<format>] [addinfo=<bool>] [marker=<text>] [testmode=<bool>] [host=<text>] [source=<text>] [sourcetype=<text>]"
    }
    fn options(&self) -> &'static [OptionDoc] {
        OPTIONS
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "* | stats count by user | collect index=summary output_format=hec",
                input: "{\"user\":\"bob\"}",
                output: "{\"user\":\"bob\",\"count\":1}",
            },
            Example {
                query: "* | table user n | collect index=summary testmode=true addtime=false addinfo=false marker=\"run=\\\"first\\\"\" | table _raw index",
                input: "{\"user\":\"bob\",\"n\":1}",
                output: "{\"_raw\":\"user=\\\"bob\\\", n=\\\"1\\\", run=\\\"first\\\"\",\"index\":\"summary\"}",
            },
        ]
    }
    fn parse(
        &self,
        text: &StageText,
        cx: &ParseContext<'_>,
    ) -> Result<Box<dyn Stage>, Diagnostics> {
        let refused = [
            ("spool", "no other program picks the file up"),
            ("uselb", "there are no indexers to share the events among"),
            ("run_in_preview", "there are no previews"),
        ];
        let mut arguments = Arguments::read_refusing(self, text, &refused);
        let hec = arguments.choice("output_format", &["raw", "hec"]) == Some("hec");
        let (others, why) = match hec {
            true => (&ONLY_RAW[..], "not with output_format=hec"),
            false => (
                &ONLY_HEC[..],
                "a line of text does not hold it; output_format=hec does",
            ),
        };
        for name in others {
            if let Some(option) = arguments.option(name) {
                let span = option.name.span.to(option.value.span);
                let error = Diagnostic::at(
                    &code::UNSUPPORTED_OPTION,
                    span,
                    format!("collect has no {name}= here: {why}"),
                );
                arguments.error(error);
            }
        }
        let index = super::calls::value(&arguments, "index");
        if index.is_none() {
            let message = "collect needs index=<name>: the folder of the events";
            let error = Diagnostic::at(&code::MISSING_ARGUMENT, text.name.span, message);
            arguments.error(error.help(format!("usage: {}", self.usage())));
        }
        let shape = match hec {
            true => Shape::Hec(Hec {
                index: index
                    .as_ref()
                    .map_or(String::new(), |word| word.text.clone()),
                host: arguments.text("host"),
                source: arguments.text("source"),
                sourcetype: arguments.text("sourcetype"),
            }),
            false => Shape::Raw(Raw {
                time: arguments
                    .flag("addtime", true)
                    .then(|| arguments.text("timeformat"))
                    .map(|format| format.unwrap_or_else(|| "%m/%d/%Y %H:%M:%S %z".to_owned())),
                info: arguments.flag("addinfo", true),
                marker: arguments.text("marker").filter(|text| !text.is_empty()),
            }),
        };
        let test = arguments.flag("testmode", false);
        let file = arguments.text("file");
        let tables = cx.tables.clone();
        arguments.finish(|| {
            let (index, span) = index.map_or_else(Default::default, |word| (word.text, word.span));
            let ending = if hec { "stash_hec" } else { "stash" };
            let file = file.unwrap_or_else(|| format!("$random$_events.{ending}"));
            Box::new(Collected {
                tables,
                index,
                file,
                span,
                shape,
                test,
            }) as Box<dyn Stage>
        })
    }
}

/// The command with its arguments.
#[derive(Debug, Clone)]
struct Collected {
    tables: Arc<dyn Tables>,
    index: String,
    file: String,
    /// Of the index.
    span: Span,
    shape: Shape,
    test: bool,
}

impl Stage for Collected {
    fn kind(&self) -> Kind {
        Kind::Serial
    }
    fn ordering(&self) -> Ordering {
        Ordering::Sees
    }
    fn demand(&self, _: &Demand) -> Demand {
        Demand::all()
    }
    fn operator(&self, cx: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        let target = match self.test {
            true => None,
            false => {
                let file = filled(&self.file, cx.context);
                let target = self.tables.collection(&self.index, &file);
                Some(target.map_err(|e| e.or_span(self.span))?)
            }
        };
        Ok(Operator::Serial(Box::new(Collecting {
            stage: self.clone(),
            target,
            written: String::new(),
            count: 0,
            broken: 0,
            context: cx.context.clone(),
        })))
    }
}

/// The name with `$timestamp$` and `$random$` replaced.
fn filled(name: &str, context: &Context) -> String {
    use std::hash::{BuildHasher, Hasher};
    let random = std::hash::RandomState::new().build_hasher().finish();
    name.replace(
        "$timestamp$",
        &format!("{:.0}", context.now.seconds().floor()),
    )
    .replace("$random$", &random.to_string())
}

struct Collecting {
    stage: Collected,
    /// None when nothing is written.
    target: Option<PathBuf>,
    written: String,
    count: usize,
    /// Events with line ends in them.
    broken: usize,
    context: Context,
}

impl Serial for Collecting {
    fn push(&mut self, batch: Batch, out: &mut Vec<Batch>) -> Result<Flow, Diagnostic> {
        let events: Vec<String> = (0..batch.rows())
            .map(|row| self.stage.shape.event(&batch, row, &self.context))
            .collect();
        if self.stage.test {
            out.push(event::as_indexed(batch, events, &self.stage.index));
            return Ok(Flow::More);
        }
        for event in &events {
            self.broken += usize::from(event.contains('\n'));
            self.written.push_str(event);
            self.written.push('\n');
        }
        self.count += events.len();
        out.push(batch);
        Ok(Flow::More)
    }

    fn finish(&mut self, _: &mut Vec<Batch>) -> Result<(), Diagnostic> {
        let Some(target) = &self.target else {
            return Ok(());
        };
        if self.context.cancel.is_cancelled() {
            return Ok(());
        }
        let say = |text: String| self.context.notices.push("written", text, false);
        let (file, count) = (target.display(), self.count);
        if count == 0 {
            say(format!("{file} is not written: there are no events"));
            return Ok(());
        }
        self.stage.tables.create(target, self.written.as_bytes())?;
        let what = if count == 1 { "event" } else { "events" };
        say(format!("{count} {what} written to {file}"));
        if self.broken > 0 {
            say(format!(
                "{} of them hold line ends; output_format=hec keeps such events apart",
                self.broken
            ));
        }
        Ok(())
    }

    fn needs_all(&self) -> bool {
        true
    }
}
