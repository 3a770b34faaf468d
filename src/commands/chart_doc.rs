//! The reference of `chart`: usage, options and examples.

use crate::commands::{Example, OptionDoc};

pub(super) const USAGE: &str = "chart [limit=<N>|top<N>|bottom<N>] [agg=<function>(<field>)] [useother=<bool>] [otherstr=<text>] \
    [usenull=<bool>] [nullstr=<text>] [sep=<text>] [format=<text>] [cont=<bool>] [aligntime=<time>] [dedup_splitvals=<bool>] \
    <function>[(<field>)]|eval(<expression of functions>) [AS <name>]… [OVER <row field> [<ranges>]] \
    [BY <row field> [<ranges>] [<column field> [<ranges>]] \
    [WHERE <function> in|notin top<N>|bottom<N> | WHERE <function> >|< <number>]]; <ranges> are span=, bins=, minspan=, start=, end=";

/// An option that `timechart` has too.
pub(super) const OTHERSTR: OptionDoc =
    OptionDoc::new("otherstr", "<text>", "OTHER", "Name of that column");

/// An option that `timechart` has too.
pub(super) const NULLSTR: OptionDoc =
    OptionDoc::new("nullstr", "<text>", "NULL", "Name of that column");

/// An option that `timechart` has too.
pub(super) const SEP: OptionDoc = OptionDoc::new(
    "sep",
    "<text>",
    ": ",
    "Between function and value in names, with several functions",
);

/// An option that `timechart` has too.
pub(super) const FORMAT: OptionDoc = OptionDoc::new(
    "format",
    "<text>",
    "none",
    "Names of columns, with $AGG$ and $VAL$; goes before sep",
);

/// An option that `timechart` has too.
pub(super) const DEDUP_SPLITVALS: OptionDoc = OptionDoc::new(
    "dedup_splitvals",
    "true|false",
    "false",
    "A value that comes twice in a multivalue BY field counts once",
);

pub(super) static OPTIONS: &[OptionDoc] = &[
    OptionDoc::new(
        "limit",
        "<N>|top<N>|bottom<N>",
        "10",
        "Columns that are kept, by the sum of their cells, or with several functions by their number of events; 0 keeps all",
    ),
    OptionDoc::new(
        "agg",
        "<function>(<field>)",
        "sum of the cells",
        "The function whose cells, put together by it again, say which columns the limit keeps",
    ),
    OptionDoc::new(
        "useother",
        "true|false",
        "true",
        "Whether the other columns are combined in one",
    ),
    OTHERSTR,
    OptionDoc::new(
        "usenull",
        "true|false",
        "true",
        "Whether events without the column field have a column",
    ),
    NULLSTR,
    SEP,
    FORMAT,
    OptionDoc::new(
        "cont",
        "true|false",
        "true",
        "Whether ranges without events between others have rows",
    ),
    DEDUP_SPLITVALS,
    OptionDoc::new(
        "span",
        "<time>|<number>|<N>log<N>",
        "none",
        "After a field: the size of the ranges that it is cut into",
    ),
    OptionDoc::new(
        "bins",
        "<N>",
        "300",
        "After a field: at most so many ranges over its values, when there is no span",
    ),
    OptionDoc::new(
        "minspan",
        "<time>|<number>",
        "none",
        "After a field: the smallest size that is chosen",
    ),
    OptionDoc::new(
        "start",
        "<number>",
        "the data's",
        "After a field: where its ranges start; events below are left out",
    ),
    OptionDoc::new(
        "end",
        "<number>",
        "the data's",
        "After a field: where its ranges end; events above are left out",
    ),
    OptionDoc::new(
        "aligntime",
        "earliest|latest|<time>",
        "0",
        "Where a range of time starts, for spans under a day",
    ),
];

pub(super) static EXAMPLES: &[Example] = &[
    Example {
        query: "* | chart count over code by host",
        input: "{\"code\":200,\"host\":\"a\"}\n{\"code\":200,\"host\":\"b\"}\n{\"code\":404,\"host\":\"b\"}",
        output: "{\"code\":200,\"a\":1,\"b\":1}\n{\"code\":404,\"a\":0,\"b\":1}",
    },
    Example {
        query: "* | chart avg(bytes) by host",
        input: "{\"host\":\"a\",\"bytes\":2}\n{\"host\":\"a\",\"bytes\":4}\n{\"host\":\"b\",\"bytes\":5}",
        output: "{\"host\":\"a\",\"avg(bytes)\":3}\n{\"host\":\"b\",\"avg(bytes)\":5}",
    },
    Example {
        query: "* | chart count by size span=10",
        input: "{\"size\":3}\n{\"size\":25}\n{\"size\":7}",
        output: "{\"size\":\"0-10\",\"count\":2}\n{\"size\":\"10-20\",\"count\":0}\n{\"size\":\"20-30\",\"count\":1}",
    },
    Example {
        query: "* | chart eval(sum(bytes)/count) AS each by host",
        input: "{\"host\":\"a\",\"bytes\":2}\n{\"host\":\"a\",\"bytes\":4}\n{\"host\":\"b\",\"bytes\":5}",
        output: "{\"host\":\"a\",\"each\":3}\n{\"host\":\"b\",\"each\":5}",
    },
];
