//! Pages on what is no single command: takes nothing, gives texts.

/// A page.
pub struct Topic {
    /// What is typed.
    pub name: &'static str,
    /// What is typed too.
    pub aliases: &'static [&'static str],
    /// One line.
    pub title: &'static str,
    /// The page.
    pub text: &'static str,
}

/// The page with this name or alias.
pub fn find(name: &str) -> Option<&'static Topic> {
    TOPICS
        .iter()
        .find(|t| t.name == name || t.aliases.contains(&name))
}

/// All pages.
pub static TOPICS: &[Topic] = &[
    Topic {
        name: "input",
        aliases: &["inputs", "sources"],
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
        aliases: &["times", "timezone"],
        title: "times, time zones and modifiers",
        text: "
--earliest and --latest (or earliest= and latest= in the search) bound _time: the first inclusive, the
second exclusive. Forms: -24h, -24h@h, @d, @w1, +1d, now, 0, 1700000000, 2024-10-17T09:00:00Z,
10/17/2024:09:00:00. Units: s m h d w mon q y; @ snaps down to the unit.

--timezone names the zone in which times without one are read and all times are shown; UTC unless said.",
    },
    Topic {
        name: "macros",
        aliases: &["macro", "suppress"],
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
        aliases: &["field", "paths"],
        title: "field names and JSON paths",
        text: "
Members of objects are a.b, elements of arrays a{}, members of objects in arrays a{}.b; a field with
several values is a multivalue. Numbers keep their text. _time, _raw, source, sourcetype, host and index
are metadata. In search, stats and fields a name stands as it is; in eval and where a name with other
characters than letters, digits and _ stands in single quotes: 'user.username'.

date_year, date_month, date_mday, date_wday, date_hour, date_minute, date_second and date_zone tell the
time as the event's own text writes it, whatever --timezone says: of 2026-03-02T23:59:09+02:00 they are
2026, march, 2, monday, 23, 59, 9 and 120 (minutes from UTC; local where the text has no zone). They are
given to a query that names them, not to *; an event whose time stands in its envelope alone has none.",
    },
    Topic {
        name: "search-terms",
        aliases: &["terms", "keywords"],
        title: "how a search finds events",
        text: "
A query starts with search terms; the word search may be left out. Terms side by side must all hold; OR, NOT
and parentheses combine them, and OR binds before AND:

  failed                        a word anywhere in the event, in any letter case
  \"access denied\"               these words in this order
  user=bob   user!=bob          a field's value, in any letter case; != leaves out events without the field
  NOT user=bob                  also keeps events without the field
  user=b*    path=\"*/etc/*\"     * stands for any text
  status>=500                   numbers as numbers, other values as text
  src IN (10.0.0.0/8, web*)     one of several; an address matches a network
  earliest=-1d@d latest=now     bounds on _time

A term compares a field with a text, never with another field: `where` does that. A field with several values
matches when one of them does.",
    },
    Topic {
        name: "subsearch",
        aliases: &["subsearches"],
        title: "a search inside a search",
        text: "
[search …] runs first, over the same input; its rows become search terms: AND within a row, OR between rows.

  [search eventName=CreateAccessKey | dedup user | fields user] eventName=DeleteTrail
  becomes   ((user=\"ann\") OR (user=\"eve\")) eventName=DeleteTrail

`format` changes that text, `return 5 user` or `return $user` gives values only. A field that is named search or
query is put in as it is; fields that begin with _ are left out. No rows become NOT ( ), which no event fulfils.
append, appendcols, join, union, multisearch, set and map take searches in brackets as well; appendpipe runs its
pipeline over the rows so far. Bounds on time that stand in the outer search do not reach inner ones; --earliest
and --latest do. Standard input can be read once only: a query with a subsearch over events needs a file.",
    },
    Topic {
        name: "lookups",
        aliases: &["tables"],
        title: "lookup tables and their definitions",
        text: "
--lookups FOLDER (./lookups unless said; repeatable) holds CSV files, plain or .csv.gz, and definitions: stanzas
of a transforms.conf or the detection community's lookup YAML.

  [users]
  filename = users.csv
  match_type = WILDCARD(user), CIDR(network)
  case_sensitive_match = false
  max_matches = 1          min_matches, default_match, time_field, time_format, max_offset_secs: likewise

  … | lookup users.csv user OUTPUT dept      adds columns of the rows that fit; OUTPUTNEW keeps values there are
  | inputlookup users.csv where dept=IT      a table as rows
  … | outputlookup found.csv                 writes one, below the last folder named by --lookups, whole or not at all

A detection compiles without its tables; a run without one fails and names it.",
    },
    Topic {
        name: "regex",
        aliases: &["regular expressions", "patterns", "pcre"],
        title: "regular expressions and other patterns",
        text: "
rex, regex, match(), replace(), mvfind() and tokenizers take PCRE. Patterns run in linear time; those with
look-around, back-references or atomic groups run on a second engine that stops with an error after a million
steps instead of hanging. Named groups are (?<name>…), (?P<name>…) or (?'name'…).

In a quoted text \\\" is a quote and \\\\ one backslash; a sequence that is no escape, such as \\d, stays as it is.

Where patterns are no regular expressions: search, fields, rename, lookup definitions take * for any text; like()
takes % for any text and _ for one character; cidrmatch() and search take networks; where and eval have no
wildcards in = and in().",
    },
    Topic {
        name: "multivalue",
        aliases: &["multivalues", "mv"],
        title: "fields with several values",
        text: "
The elements of a JSON array are one field, tags{}, with several values. So are values() and list() of stats, and
what split() and makemv give.

  tags{}=prod                    a search term holds when one value fits
  stats count by tags{}          an event counts once for each value
  mvexpand tags{}                a row for each value; mvcombine and nomv are ways back
  mvcount, mvindex, mvjoin, mvfilter, mvmap, mvfind, mvzip, mvsort, mvdedup, mvappend

mvindex counts from 0, negative numbers from the last; the end is inclusive. JSON output writes an array, CSV one
line a value, the table one under the other.",
    },
    Topic {
        name: "limits",
        aliases: &["limit"],
        title: "what is bounded, and what happens there",
        text: "
As in Splunk; each is said when it is hit, and those with an option can be raised:

  sort                      10000 rows            sort 0 …
  subsearch in brackets     10000 rows            append, appendcols: maxout=N
  list()                    100 values a group
  head, tail, top, rare     10                    limit=N
  chart, timechart          10 series, the rest is OTHER        limit=0
  join                      the first match       max=0
  transaction               1000 events           maxevents=-1
  map                       10 searches           maxsearches=N

Ours, errors by name: macro calls 100 deep, 50000 calls and 1 MiB of text; 400 nested brackets and 100 nested
subsearches; saved searches and map 10 deep; an event of 256 MiB; 1000000 steps of a pattern with look-around;
1000000 rows of makecontinuous or timechart, 1000000 values of mvrange.",
    },
    Topic {
        name: "formats",
        aliases: &["format output", "output"],
        title: "what comes out",
        text: "
--format says how rows are written; --output FILE puts them there when the run ends well.

  table    columns that fit the terminal, long rows as records; the default
  json     one object: the rows, and for a saved detection its name, risk score and remarks
  ndjson   an object a row; fields without a value are left out, several values are an array
  csv      a header and a line a row; several values in one cell, a line each
  raw      the events' own text

Rows go to stdout; the detection's head, remarks, warnings and the summary line go to stderr. --quiet leaves out
the summary and the progress bar. --limit N stops after N rows. Colour is for terminals only, unless --color.",
    },
    Topic {
        name: "exit-codes",
        aliases: &["exit", "exit codes"],
        title: "exit codes",
        text: "
0  it ran
1  it failed at run time (with --strict: also when some input could not be read)
2  refused: the query, a macro or an argument is wrong
3  it ran and rows came, with --fail-on-results",
    },
];
