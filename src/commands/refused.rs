//! The commands of Splunk that are refused by name: gives the reason of each, for errors and help.

const SERVER: &str = "it asks a Splunk server, and there is none here";
const STORED: &str = "it reads results that a Splunk server stored";
const WRITES: &str = "it writes to a Splunk server's indexes or files";
const METRICS: &str = "it reads metric indexes, which only a Splunk server has";
const MODEL: &str = "it reads a Splunk server's data models";
const TOOLKIT: &str = "it needs a Splunk app";
const RUNS: &str = "it runs a program or script of a Splunk server";

/// Name and reason, by name.
pub(super) const LIST: &[(&str, &str)] = &[
    ("audit", SERVER),
    ("collect", WRITES),
    ("crawl", SERVER),
    ("datamodel", MODEL),
    ("datamodelsimple", MODEL),
    ("dbinspect", SERVER),
    ("dbxlookup", TOOLKIT),
    ("dbxoutput", TOOLKIT),
    ("dbxquery", TOOLKIT),
    ("delete", WRITES),
    ("dump", WRITES),
    ("fit", TOOLKIT),
    ("geomfilter", SERVER),
    ("history", SERVER),
    ("kvform", "it reads form templates of a Splunk server"),
    ("loadjob", STORED),
    ("localop", SERVER),
    ("mcatalog", METRICS),
    ("mcollect", WRITES),
    ("meventcollect", WRITES),
    ("mpreview", METRICS),
    ("msearch", METRICS),
    ("mstats", METRICS),
    ("outputtext", "it only prepares events for Splunk Web"),
    ("overlap", WRITES),
    ("pivot", MODEL),
    ("redistribute", SERVER),
    ("relevancy", "it needs the scores of a Splunk index"),
    ("rest", SERVER),
    ("run", RUNS),
    ("runshellscript", RUNS),
    ("script", RUNS),
    ("sendalert", SERVER),
    ("sendemail", "it sends mail from a Splunk server"),
    ("sichart", WRITES),
    ("sirare", WRITES),
    ("sistats", WRITES),
    ("sitimechart", WRITES),
    ("sitop", WRITES),
    ("summarize", TOOLKIT),
    ("tscollect", WRITES),
    ("typeahead", SERVER),
    ("typelearner", SERVER),
    ("typer", "it reads event types of a Splunk server"),
    ("walklex", SERVER),
];

#[cfg(test)]
mod tests {
    use super::LIST;

    #[test]
    fn the_list_is_sorted_and_each_name_is_there_once() {
        assert!(LIST.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
}
