//! The reference of `timechart`: usage, options and examples.

use super::chart_doc::{DEDUP_SPLITVALS, FORMAT, NULLSTR, OTHERSTR, SEP};
use crate::commands::{Example, OptionDoc};

pub(super) const USAGE: &str = "timechart [span=<span>|bins=<N>] [minspan=<span>] [aligntime=<time>] [cont=<bool>] \
    [fixedrange=<bool>] [partial=<bool>] [limit=<N>|top<N>|bottom<N>] [agg=<function>(<field>)] [useother=<bool>] [otherstr=<text>] [usenull=<bool>] \
    [nullstr=<text>] [sep=<text>] [format=<text>] [dedup_splitvals=<bool>] \
    <function>(<field>)|eval(<expression of functions>) [AS <name>]… \
    [BY <field> [<ranges>] [WHERE <function> in|notin top<N>|bottom<N> | WHERE <function> >|< <number>]]; \
    <ranges> are span=, bins=, minspan=, start=, end=";

pub(super) static OPTIONS: &[OptionDoc] = &[
    OptionDoc::new(
        "span",
        "<span>",
        "by range",
        "Length of a bin: 10s, 5m, 1h, 1d, 1w, 1mon; after the BY field the size of the ranges that it is cut into",
    ),
    OptionDoc::new(
        "bins",
        "<N>",
        "100",
        "At most so many bins, when there is no span; after the BY field so many ranges of it",
    ),
    OptionDoc::new(
        "minspan",
        "<span>",
        "none",
        "The shortest span that is chosen",
    ),
    OptionDoc::new(
        "start",
        "<number>",
        "the data's",
        "After the BY field: where its ranges start; events below are left out",
    ),
    OptionDoc::new(
        "end",
        "<number>",
        "the data's",
        "After the BY field: where its ranges end; events above are left out",
    ),
    OptionDoc::new(
        "aligntime",
        "earliest|latest|<time>",
        "0",
        "Where a bin starts, for spans under a day",
    ),
    OptionDoc::new(
        "cont",
        "true|false",
        "true",
        "Whether bins without events have rows",
    ),
    OptionDoc::new(
        "fixedrange",
        "true|false",
        "true",
        "Whether rows span the time range of the search, when it has one",
    ),
    OptionDoc::new(
        "partial",
        "true|false",
        "true",
        "Whether bins that the time range cuts are kept",
    ),
    OptionDoc::new(
        "limit",
        "<N>|top<N>|bottom<N>",
        "10",
        "Series that are kept, by the sum of their cells, or with several functions by their number of events; 0 keeps all",
    ),
    OptionDoc::new(
        "agg",
        "<function>(<field>)",
        "sum of the cells",
        "The function whose cells, put together by it again, say which series the limit keeps",
    ),
    DEDUP_SPLITVALS,
    OptionDoc::new(
        "useother",
        "true|false",
        "true",
        "Whether the other series are added up in a column",
    ),
    OTHERSTR,
    OptionDoc::new(
        "usenull",
        "true|false",
        "true",
        "Whether events without the BY field have a column",
    ),
    NULLSTR,
    SEP,
    FORMAT,
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
