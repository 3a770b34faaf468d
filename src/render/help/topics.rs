//! Pages on what is no single command: takes nothing, gives texts.

/// A page.
pub struct Topic {
    /// What is typed.
    pub name: &'static str,
    /// One line.
    pub title: &'static str,
    /// The page.
    pub text: &'static str,
}

/// All pages.
pub static TOPICS: &[Topic] = &[
    Topic {
        name: "input",
        title: "which files and shapes are read",
        text: "
INPUT is any number of files, folders (walked), globs, or - for standard input.
Compression (gzip, zstd, bzip2, xz) and shape are told by content, never by name:

  a JSON object a line          one JSON array               concatenated or indented objects
  {\"Records\":[…]}               kube EventList               CloudWatch filter/get-log-events
  CloudWatch subscriptions      S3 export, aws logs tail     Logs Insights results
  Splunk HEC events             Splunk exports, JSON or CSV  Azure AKS diagnostics
  CSV with a header             any text, a line an event

The envelope's time, source, sourcetype, host and index are kept. What can't be read is counted and
named once, with file and line; --strict checks every line whole and exits with 1 when there is some.",
    },
    Topic {
        name: "time",
        title: "times, time zones and modifiers",
        text: "
--earliest and --latest (or earliest= and latest= in the search) bound _time: the first inclusive, the
second exclusive. Forms: -24h, -24h@h, @d, @w1, +1d, now, 0, 1700000000, 2024-10-17T09:00:00Z,
10/17/2024:09:00:00. Units: s m h d w mon q y; @ snaps down to the unit.

--timezone names the zone in which times without one are read and all times are shown; UTC unless said.",
    },
    Topic {
        name: "macros",
        title: "macros, layers and suppressions",
        text: "
`name` and `name(a, b)` are replaced by the macro's definition, $arg$ by the argument, before parsing.
Macros come from macros.conf stanzas or macro YAML files in ./macros, or in the folders that --macros
names; a later folder wins, and in one folder local/ wins over default/. An empty macro that is a whole
stage drops the stage. A saved query's own <name>_filter macro may be missing: it is then empty.

  spelunk macros list | show NAME | expand TEXT | edit NAME
  spelunk macros suppress QUERY --where 'src_ip=\"203.0.113.7\"' --reason TEXT [--expire DATE] INPUT…

suppress runs the query before and after, shows which rows go, and writes the exclusion with its reason
and date into the filter macro's file.",
    },
    Topic {
        name: "fields",
        title: "field names and JSON paths",
        text: "
Members of objects are a.b, elements of arrays a{}, members of objects in arrays a{}.b; a field with
several values is a multivalue. Numbers keep their text. _time, _raw, source, sourcetype, host and index
are metadata. In search, stats and fields a name stands as it is; in eval and where a name with other
characters than letters, digits and _ stands in single quotes: 'user.username'.",
    },
    Topic {
        name: "exit",
        title: "exit codes",
        text: "
0  it ran
1  it failed at run time (with --strict: also when some input could not be read)
2  refused: the query, a macro or an argument is wrong
3  it ran and rows came, with --fail-on-results",
    },
];
