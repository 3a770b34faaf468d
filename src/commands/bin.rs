//! `bin`: takes a field of times or numbers, gives the start of the bin of time or the range of numbers that each is in.

use super::arguments::Arguments;
use super::ranges::Ranges;
use super::span;
use super::{BuildContext, Command, Example, Kind, OptionDoc, ParseContext, Stage};
use crate::data::{Batch, Batches, Context, Demand, FieldName};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::operators::{Flow, Operator, Serial, streaming};
use crate::syntax::StageText;

/// The command.
pub struct Bin;

impl Command for Bin {
    fn name(&self) -> &'static str {
        "bin"
    }
    fn aliases(&self) -> &'static [&'static str] {
        &["bucket", "discretize"]
    }
    fn summary(&self) -> &'static str {
        "Puts times or numbers into bins: a time becomes the start of its bin, a number the range that it is in"
    }
    fn usage(&self) -> &'static str {
        "bin [span=<span>|bins=<N>] [minspan=<span>] [start=<number>] [end=<number>] [aligntime=<time>] <field> [AS <name>]"
    }
    fn options(&self) -> &'static [OptionDoc] {
        &[
            OptionDoc {
                name: "span",
                value: "<time>|<number>|<N>log<N>",
                default: "by range",
                summary: "Size of a bin: 5m, 1d, 10, or a logarithmic one such as 2log10",
            },
            OptionDoc {
                name: "bins",
                value: "<N>",
                default: "100",
                summary: "At most so many bins over the range of the data, when there is no span",
            },
            OptionDoc {
                name: "minspan",
                value: "<time>|<number>",
                default: "none",
                summary: "The smallest span that is chosen",
            },
            OptionDoc {
                name: "start",
                value: "<number>",
                default: "the data's",
                summary: "Widens the range of the data downwards, when there is no span",
            },
            OptionDoc {
                name: "end",
                value: "<number>",
                default: "the data's",
                summary: "Widens the range of the data upwards, when there is no span",
            },
            OptionDoc {
                name: "aligntime",
                value: "earliest|latest|<time>",
                default: "0",
                summary: "Where a bin of time starts, for spans under a day",
            },
        ]
    }
    fn examples(&self) -> &'static [Example] {
        &[
            Example {
                query: "* | bin _time span=5m | table _time",
                input: "{\"_time\":1700006701}\n{\"_time\":1700006699}",
                output: "{\"_time\":1700006700}\n{\"_time\":1700006400}",
            },
            Example {
                query: "* | bin size span=10 AS range | table size range",
                input: "{\"size\":3}\n{\"size\":10}\n{\"size\":\"none\"}",
                output: "{\"size\":3,\"range\":\"0-10\"}\n{\"size\":10,\"range\":\"10-20\"}\n{\"size\":\"none\",\"range\":\"none\"}",
            },
        ]
    }
    fn parse(
        &self,
        text: &StageText,
        cx: &ParseContext<'_>,
    ) -> Result<Box<dyn Stage>, Diagnostics> {
        let mut arguments = Arguments::read(self, text);
        let align = span::align(&mut arguments, cx.context);
        let field = arguments.only("a field").map(|word| word.text);
        let target = if arguments.takes("as") {
            arguments.only("a name after AS").map(|word| word.text)
        } else {
            None
        };
        let field = FieldName::from(field.unwrap_or_default());
        let mut ranges = Ranges::read(&mut arguments, super::calls::value, field, align);
        if let Some(target) = target {
            ranges.target = target.into();
        }
        arguments.finish(|| Box::new(Binned(ranges)) as Box<dyn Stage>)
    }
}

/// `bin` with its arguments.
#[derive(Debug, Clone)]
struct Binned(Ranges);

impl Stage for Binned {
    fn kind(&self) -> Kind {
        match self.0.size {
            Some(_) => Kind::Streaming,
            None => Kind::Serial,
        }
    }
    fn demand(&self, after: &Demand) -> Demand {
        let mut demand = after.clone();
        if after.wants(&self.0.target) || self.0.size.is_none() {
            demand.remove(&self.0.target);
            demand.add(&self.0.field);
        }
        demand
    }
    fn operator(&self, cx: &BuildContext<'_>) -> Result<Operator, Diagnostic> {
        let (stage, context) = (self.0.clone(), cx.context.clone());
        Ok(match self.0.size {
            Some(size) => streaming(move |batch| stage.apply(batch, &size, &context)),
            None => Operator::Serial(Box::new(Ranged {
                stage,
                context,
                batches: Batches::default(),
            })),
        })
    }
}

/// Holds all rows until their range is known.
struct Ranged {
    stage: Ranges,
    context: Context,
    batches: Batches,
}

impl Serial for Ranged {
    fn push(&mut self, batch: Batch, _out: &mut Vec<Batch>) -> Result<Flow, Diagnostic> {
        self.batches.push(batch);
        Ok(Flow::More)
    }

    fn size(&self) -> usize {
        self.batches.size()
    }

    fn finish(&mut self, out: &mut Vec<Batch>) -> Result<(), Diagnostic> {
        let batches = self.batches.take();
        match self.stage.size_for(&batches, &self.context) {
            Some(size) => out.extend(
                batches
                    .into_iter()
                    .map(|batch| self.stage.apply(batch, &size, &self.context)),
            ),
            None => out.extend(batches),
        }
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::testing::{check, demand, refused};

    #[test]
    fn days_start_at_midnight_and_other_fields_may_be_times() {
        check(
            "bin _time span=1d",
            "{\"_time\":1700092799}",
            "{\"_time\":1700006400}",
        );
        check(
            "bucket span=1h t",
            "{\"t\":1700013599}",
            "{\"t\":1700010000}",
        );
        check(
            "bin _time span=3600",
            "{\"_time\":1700013599}",
            "{\"_time\":1700010000}",
        );
    }

    #[test]
    fn the_range_gives_a_power_of_ten() {
        let input: String = (0..60).map(|n| format!("{{\"n\":{n}}}\n")).collect();
        let output: String = (0..60)
            .map(|n| format!("{{\"n\":\"{}-{}\"}}\n", n / 10 * 10, n / 10 * 10 + 10))
            .collect();
        check("bin n bins=6", &input, &output);
        check(
            "bin n bins=5",
            "{\"n\":0}\n{\"n\":59}",
            "{\"n\":\"0-100\"}\n{\"n\":\"0-100\"}",
        );
        check(
            "bin n end=1000 bins=10",
            "{\"n\":0}\n{\"n\":59}",
            "{\"n\":\"0-100\"}\n{\"n\":\"0-100\"}",
        );
    }

    #[test]
    fn logarithmic_bins_grow() {
        check(
            "bin n span=log10",
            "{\"n\":1}\n{\"n\":999}\n{\"n\":1000}\n{\"n\":0}",
            "{\"n\":\"1-10\"}\n{\"n\":\"100-1000\"}\n{\"n\":\"1000-10000\"}\n{\"n\":0}",
        );
        check(
            "bin n span=2log10",
            "{\"n\":5}\n{\"n\":20}",
            "{\"n\":\"2-20\"}\n{\"n\":\"20-200\"}",
        );
    }

    #[test]
    fn errors_say_where_and_the_source_is_demanded() {
        assert_eq!(refused("bin span=5x t"), [("E0114", "5x".to_owned())]);
        assert_eq!(
            refused("bin span=5m"),
            [("E0111", "bin span=5m".to_owned())]
        );
        assert_eq!(demand("bin n span=5 as m", &["m", "x"]), "x, n");
        assert_eq!(demand("bin n span=5", &["n"]), "n");
    }
}
