//! Arguments: takes what was typed, gives typed options. The one door to clap.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Run Splunk searches and detections as they are, over the logs at hand, with no Splunk.
#[derive(Debug, Parser)]
#[command(
    name = "spelunk",
    version,
    about,
    disable_help_subcommand = true,
    max_term_width = 100
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run a saved query (a detection's YAML or a .spl file) over logs
    Run(RunArguments),
    /// Run many saved queries over logs in one pass
    Hunt(HuntArguments),
    /// Run a query over logs
    Search(SearchArguments),
    /// Show how a query expands and runs, without data
    Explain(ExplainArguments),
    /// Hunt interactively
    Repl(ReplArguments),
    /// List, show, expand, edit macros; suppress false positives
    Macros(MacrosArguments),
    /// Compile saved queries and macros without data
    Check(CheckArguments),
    /// Help on a command, function, aggregate, error code or topic
    Help(HelpArguments),
}

/// Where saved knowledge lies.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Knowledge")]
pub struct Knowledge {
    /// Folder (or file) of macros; repeatable, a later one wins [default: ./macros]
    #[arg(long = "macros", value_name = "PATH")]
    pub macro_folders: Vec<PathBuf>,
    /// Folder of saved queries; repeatable [default: ./queries]
    #[arg(long = "queries", value_name = "PATH")]
    pub query_folders: Vec<PathBuf>,
    /// Folder of lookup tables; repeatable, and the last one named may be written to [default: ./lookups]
    #[arg(long = "lookups", value_name = "PATH")]
    pub lookup_folders: Vec<PathBuf>,
    /// Folder that collect may write to: a folder in it for each index
    #[arg(long, value_name = "PATH")]
    pub collect: Option<PathBuf>,
    /// MaxMind file with the places of addresses, for iplocation
    #[arg(long, value_name = "FILE")]
    pub geoip: Option<PathBuf>,
}

/// What the user says of the input.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Input")]
pub struct InputOptions {
    /// `source` of events that don't say
    #[arg(long, value_name = "TEXT")]
    pub source: Option<String>,
    /// `sourcetype` of events, instead of the recognised one
    #[arg(long, value_name = "TEXT")]
    pub sourcetype: Option<String>,
    /// `host` of events that don't say
    #[arg(long, value_name = "TEXT")]
    pub host: Option<String>,
    /// `index` of events that don't say [default: main]
    #[arg(long, value_name = "TEXT")]
    pub index: Option<String>,
    /// Check every line whole, and exit with 1 when some input can't be read
    #[arg(long)]
    pub strict: bool,
}

/// Times.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Time")]
pub struct TimeOptions {
    /// Earliest `_time`, inclusive: -24h@h, @d, 2024-10-17T09:00:00Z, 1729155600
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub earliest: Option<String>,
    /// Latest `_time`, exclusive
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub latest: Option<String>,
    /// Zone in which times are read and shown: UTC, local, Europe/Paris, +02:00 [default: UTC]
    #[arg(long, value_name = "ZONE", allow_hyphen_values = true)]
    pub timezone: Option<String>,
    /// The time that `now` means, for repeatable runs
    #[arg(long, value_name = "TIME", hide_short_help = true)]
    pub now: Option<String>,
}

/// Output.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Output")]
pub struct OutputOptions {
    /// table, json, ndjson, csv or raw [default: table]
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<String>,
    /// Write the rows to a file, replaced when the run ends well
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Rows at most
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    /// Order of events: newest first, or as in the input
    #[arg(long, value_enum, default_value = "time")]
    pub order: OrderArgument,
    /// When to colour
    #[arg(long, value_enum, default_value = "auto")]
    pub color: When,
    /// Exit with 3 when rows came
    #[arg(long)]
    pub fail_on_results: bool,
    /// Say where events went, stage by stage and term by term
    #[arg(long)]
    pub why: bool,
    /// No progress bar, no summary line
    #[arg(long, short)]
    pub quiet: bool,
    /// Worker threads [default: all cores]
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
    /// Memory that a run may hold: 500MB, 2GB, 512MiB. Over it, stats, top, rare and sort go on on disk, others stop
    /// with an error [default: half of the machine's]
    #[arg(long, value_name = "SIZE")]
    pub memory_limit: Option<String>,
    /// Rows of a batch at most, for tests
    #[arg(long, value_name = "N", hide = true)]
    pub batch_size: Option<usize>,
}

/// Order of events.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum OrderArgument {
    /// Newest first.
    #[default]
    Time,
    /// As in the input.
    Input,
}

/// When to colour.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum When {
    /// On a terminal, unless NO_COLOR is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// All options of a run.
#[derive(Debug, Clone, Default, Args)]
pub struct RunOptions {
    /// Macros, queries, lookups.
    #[command(flatten)]
    pub knowledge: Knowledge,
    /// Input.
    #[command(flatten)]
    pub input: InputOptions,
    /// Time.
    #[command(flatten)]
    pub time: TimeOptions,
    /// Output.
    #[command(flatten)]
    pub output: OutputOptions,
}

/// `spelunk run`
#[derive(Debug, Args)]
pub struct RunArguments {
    /// Name of a saved query, or a path to its .yml or .spl
    pub query: String,
    /// Files, folders, globs, or - for standard input
    pub inputs: Vec<String>,
    /// Options.
    #[command(flatten)]
    pub options: RunOptions,
}

/// `spelunk hunt`
#[derive(Debug, Args)]
pub struct HuntArguments {
    /// Saved queries (names, .yml or .spl files, a folder first), then files, folders, globs, or -
    #[arg(required = true, value_name = "QUERY|INPUT")]
    pub targets: Vec<String>,
    /// Options.
    #[command(flatten)]
    pub options: RunOptions,
}

/// `spelunk search`
#[derive(Debug, Args)]
pub struct SearchArguments {
    /// The query
    #[arg(allow_hyphen_values = true)]
    pub query: String,
    /// Files, folders, globs, or - for standard input
    pub inputs: Vec<String>,
    /// Options.
    #[command(flatten)]
    pub options: RunOptions,
}

/// `spelunk explain`
#[derive(Debug, Args)]
pub struct ExplainArguments {
    /// The query, or the name or path of a saved one
    #[arg(allow_hyphen_values = true)]
    pub query: String,
    /// Options.
    #[command(flatten)]
    pub options: RunOptions,
}

/// `spelunk repl`
#[derive(Debug, Args)]
pub struct ReplArguments {
    /// Files, folders or globs
    pub inputs: Vec<String>,
    /// Options.
    #[command(flatten)]
    pub options: RunOptions,
}

/// `spelunk macros`
#[derive(Debug, Args)]
pub struct MacrosArguments {
    /// What to do.
    #[command(subcommand)]
    pub command: MacrosCommand,
}

/// What to do with macros. One is made a run: its size is nobody's concern.
#[derive(Debug, Subcommand)]
#[allow(clippy::large_enum_variant)]
pub enum MacrosCommand {
    /// List all macros, with where they are defined
    List {
        /// Folders.
        #[command(flatten)]
        knowledge: Knowledge,
    },
    /// Show a macro: definition, file, suppressions with their reasons
    Show {
        /// Name, with or without its count: `security_content_ctime(1)`
        name: String,
        /// Folders.
        #[command(flatten)]
        knowledge: Knowledge,
    },
    /// Expand a query or a macro call as text
    Expand {
        /// The text, for example '`security_content_ctime(lastTime)`'
        text: String,
        /// Folders.
        #[command(flatten)]
        knowledge: Knowledge,
    },
    /// Edit a macro in $EDITOR; a change that would break it is not kept
    Edit {
        /// Name.
        name: String,
        /// Folders.
        #[command(flatten)]
        knowledge: Knowledge,
    },
    /// Add an exclusion to a saved query's filter macro, after showing what it drops
    Suppress(SuppressArguments),
}

/// `spelunk macros suppress`
#[derive(Debug, Args)]
pub struct SuppressArguments {
    /// The saved query
    pub query: String,
    /// Rows to drop, as a search: 'src_ip="203.0.113.7"'
    #[arg(long = "where", value_name = "SEARCH")]
    pub condition: String,
    /// Why they are no findings; kept in the macro's file
    #[arg(long)]
    pub reason: String,
    /// The day from which it no longer applies, YYYY-MM-DD
    #[arg(long, value_name = "DATE")]
    pub expire: Option<String>,
    /// Show what would go, write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Also when it would drop every row
    #[arg(long)]
    pub force: bool,
    /// Files, folders, globs, or - for standard input
    pub inputs: Vec<String>,
    /// Options.
    #[command(flatten)]
    pub options: RunOptions,
}

/// `spelunk check`
#[derive(Debug, Args)]
pub struct CheckArguments {
    /// Saved queries, macro files or folders of them [default: queries and macros]
    pub paths: Vec<PathBuf>,
    /// table or ndjson
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub format: String,
    /// Folders.
    #[command(flatten)]
    pub knowledge: Knowledge,
}

/// `spelunk help`
#[derive(Debug, Args)]
pub struct HelpArguments {
    /// A command, function, aggregate, error code or topic
    pub topic: Vec<String>,
    /// Write the reference as Markdown files into a folder
    #[arg(long, value_name = "FOLDER", hide = true)]
    pub markdown: Option<PathBuf>,
}
