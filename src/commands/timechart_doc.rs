//! The reference of `timechart`: usage, options and examples.

use crate::commands::{Example, OptionDoc};

pub(super) const USAGE: &str = "timechart [span=<span>|bins=<N>] [minspan=<span>] [aligntime=<time>] [cont=<bool>] \
    [fixedrange=<bool>] [partial=<bool>] [limit=<N>] [useother=<bool>] [otherstr=<text>] [usenull=<bool>] \
    [nullstr=<text>] [sep=<text>] [format=<text>] <function>(<field>) [AS <name>]… \
    [BY <field> [WHERE <function> in|notin top<N>|bottom<N>]]";

const fn option(
    name: &'static str,
    value: &'static str,
    default: &'static str,
    summary: &'static str,
) -> OptionDoc {
    OptionDoc {
        name,
        value,
        default,
        summary,
    }
}

pub(super) static OPTIONS: &[OptionDoc] = &[
    option(
        "span",
        "<span>",
        "by range",
        "Length of a bin: 10s, 5m, 1h, 1d, 1w, 1mon",
    ),
    option(
        "bins",
        "<N>",
        "100",
        "At most so many bins, when there is no span",
    ),
    option(
        "minspan",
        "<span>",
        "none",
        "The shortest span that is chosen",
    ),
    option(
        "aligntime",
        "earliest|latest|<time>",
        "0",
        "Where a bin starts, for spans under a day",
    ),
    option(
        "cont",
        "true|false",
        "true",
        "Whether bins without events have rows",
    ),
    option(
        "fixedrange",
        "true|false",
        "true",
        "Whether rows span the time range of the search, when it has one",
    ),
    option(
        "partial",
        "true|false",
        "true",
        "Whether bins that the time range cuts are kept",
    ),
    option(
        "limit",
        "<N>|top<N>|bottom<N>",
        "10",
        "Series that are kept; 0 keeps all",
    ),
    option(
        "useother",
        "true|false",
        "true",
        "Whether the other series are added up in a column",
    ),
    option("otherstr", "<text>", "OTHER", "Name of that column"),
    option(
        "usenull",
        "true|false",
        "true",
        "Whether events without the BY field have a column",
    ),
    option("nullstr", "<text>", "NULL", "Name of that column"),
    option(
        "sep",
        "<text>",
        ": ",
        "Between function and value in names, with several functions",
    ),
    option(
        "format",
        "<text>",
        "none",
        "Names of columns, with $AGG$ and $VAL$; goes before sep",
    ),
];

pub(super) static EXAMPLES: &[Example] = &[
    Example {
        query: "* | timechart span=1h count by verb",
        input: "{\"_time\":1700014800,\"verb\":\"get\"}\n{\"_time\":1700007100,\"verb\":\"list\"}\n{\"_time\":1700007000,\"verb\":\"list\"}",
        output: "{\"_time\":1700006400,\"get\":0,\"list\":2}\n{\"_time\":1700010000,\"get\":0,\"list\":0}\n{\"_time\":1700013600,\"get\":1,\"list\":0}",
    },
    Example {
        query: "* | timechart span=1d cont=f sum(bytes) AS total per_hour(bytes)",
        input: "{\"_time\":1700100000,\"bytes\":48}\n{\"_time\":1700006400,\"bytes\":24}",
        output: "{\"_time\":1700006400,\"total\":24,\"per_hour(bytes)\":1}\n{\"_time\":1700092800,\"total\":48,\"per_hour(bytes)\":2}",
    },
];
