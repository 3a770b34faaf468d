//! The commands of Splunk that are refused by name: gives the reason of each, for errors and help.

const SERVER: &str = "it asks a Splunk server, and there is none here";
const STORED: &str = "it reads results that a Splunk server stored";
const WRITES: &str = "it writes to a Splunk server's indexes or files";
const METRICS: &str = "it reads metric indexes, which only a Splunk server has";
const MODEL: &str = "it reads a Splunk server's data models";
const TOOLKIT: &str = "it needs a Splunk app";
const LEARNS: &str = "it learns a model of the events first";
const RUNS: &str = "it runs a program or script of a Splunk server";

/// Name and reason, by name.
pub(super) const LIST: &[(&str, &str)] = &[
    ("analyzefields", LEARNS),
    (
        "anomalies",
        "how alike two events are is not documented, so its scores can't be the same",
    ),
    (
        "anomalousvalue",
        "how its scores are computed is not documented; eventstats with avg() and stdev() finds far values",
    ),
    (
        "anomalydetection",
        "how its histogram is cut is not documented; outlier does what method=iqr does",
    ),
    ("apply", TOOLKIT),
    ("arules", LEARNS),
    (
        "associate",
        "in which form it writes entropies and support is not documented; contingency counts values of two fields together",
    ),
    ("audit", SERVER),
    ("awssnsalert", TOOLKIT),
    ("bucketdir", LEARNS),
    (
        "cluster",
        "how alike two events are is not documented, so its groups can't be the same",
    ),
    ("cofilter", LEARNS),
    ("crawl", SERVER),
    ("cyberchef", TOOLKIT),
    ("datamodel", MODEL),
    ("datamodelsimple", MODEL),
    ("dbinspect", SERVER),
    ("dbxlookup", TOOLKIT),
    ("dbxoutput", TOOLKIT),
    ("dbxquery", TOOLKIT),
    ("delete", WRITES),
    ("deletemodel", TOOLKIT),
    (
        "diff",
        "it compares texts line by line, as the diff program does",
    ),
    ("dump", WRITES),
    ("erex", LEARNS),
    ("findtypes", LEARNS),
    ("fit", TOOLKIT),
    ("folderize", LEARNS),
    ("gauge", "it draws a gauge in Splunk Web"),
    ("geom", "it draws maps in Splunk Web"),
    ("geomfilter", SERVER),
    (
        "geostats",
        "where the points of its bins lie is not documented; bin cuts coordinates, stats counts in them",
    ),
    ("history", SERVER),
    ("iconify", "it draws icons in Splunk Web"),
    ("inputintelligence", TOOLKIT),
    (
        "kmeans",
        "it starts at random, so its groups can't be the same",
    ),
    ("kvform", "it reads form templates of a Splunk server"),
    ("listmodels", TOOLKIT),
    ("loadjob", STORED),
    (
        "localize",
        "it makes time ranges for a search of Splunk Web",
    ),
    ("mcatalog", METRICS),
    ("mcollect", WRITES),
    ("meventcollect", WRITES),
    ("mpreview", METRICS),
    ("msearch", METRICS),
    ("mstats", METRICS),
    ("overlap", WRITES),
    ("pivot", MODEL),
    (
        "predict",
        "its models are not documented; trendline smooths a field",
    ),
    ("relevancy", "it needs the scores of a Splunk index"),
    ("rest", SERVER),
    ("rtorder", "there are no searches in real time"),
    ("run", RUNS),
    ("runshellscript", RUNS),
    ("sample", TOOLKIT),
    ("score", TOOLKIT),
    ("script", RUNS),
    (
        "scrub",
        "it makes events anonymous by dictionaries of a Splunk server",
    ),
    (
        "searchtxn",
        "it asks the index for the terms of a transaction; transaction name=… and a search behind it find the same",
    ),
    ("sendalert", SERVER),
    ("sendemail", "it sends mail from a Splunk server"),
    ("sichart", WRITES),
    ("sirare", WRITES),
    ("sistats", WRITES),
    ("sitimechart", WRITES),
    ("sitop", WRITES),
    ("snowincident", TOOLKIT),
    ("stash", "it is another name of `collect`"),
    ("summarize", TOOLKIT),
    ("summary", TOOLKIT),
    ("tags", "it reads tags of a Splunk server"),
    ("tscollect", WRITES),
    ("typeahead", SERVER),
    ("typelearner", SERVER),
    ("typer", "it reads event types of a Splunk server"),
    ("walklex", SERVER),
    (
        "x11",
        "how its seasons are estimated is not documented; trendline smooths a field",
    ),
];

#[cfg(test)]
mod tests {
    use super::LIST;

    #[test]
    fn the_list_is_sorted_and_each_name_is_there_once() {
        assert!(LIST.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
}
