//! How many values a second a stage takes in on one core: takes batches in memory, runs one stage over them, reads no file.
//!
//! Numbers come as text, as JSON gives them, and as floats, as calculations do. `benches/README.md` says how to run it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use spelunk::data::{Batch, Column, Context, Value};
use spelunk::operators::{Operator, Partial};
use spelunk::plan::Goal;
use spelunk::session::{Query, Session, Settings};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ROWS: usize = 4096;
const BATCHES: usize = 16;
const PATTERN: &str = r"/api/v(?<version>\d+)/(?<kind>[a-z]+)";

fn main() {
    divan::main();
}

/// A step of a generator without a package: the numbers are the same in every run.
fn next(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}

/// Events of a web server's kind.
fn batches() -> Vec<Batch> {
    const VERBS: [&str; 8] = [
        "get", "list", "watch", "create", "update", "patch", "delete", "head",
    ];
    const KINDS: [&str; 5] = ["pods", "secrets", "configmaps", "deployments", "nodes"];
    let mut seed = 0x9e37_79b9_7f4a_7c15;
    let rows = |seed: &mut u64, f: &dyn Fn(u64) -> Value| {
        Column::from_values((0..ROWS).map(|_| f(next(seed) >> 11)))
    };
    let text = |t: String| Value::Text(t);
    let one = |seed: &mut u64| {
        let mut batch = Batch::new(ROWS);
        batch.set("a", rows(seed, &|n| text((n % 100_000).to_string())));
        batch.set(
            "b",
            rows(seed, &|n| text(format!("{}.{:03}", n % 500, n % 997))),
        );
        batch.set("x", rows(seed, &|n| Value::Number((n % 100_000) as f64)));
        batch.set(
            "y",
            rows(seed, &|n| Value::Number((n % 500_000) as f64 / 1000.0)),
        );
        batch.set("g", rows(seed, &|n| Value::from(VERBS[n as usize % 8])));
        batch.set(
            "host",
            rows(seed, &|n| {
                text(format!("ip-10-0-{}-{}.ec2.internal", n % 4, n % 50))
            }),
        );
        batch.set(
            "uri",
            rows(seed, &|n| {
                text(format!(
                    "/api/v{}/{}/{:08x}?limit=500",
                    n % 3,
                    KINDS[n as usize % 5],
                    n as u32
                ))
            }),
        );
        batch
    };
    (0..BATCHES).map(|_| one(&mut seed)).collect()
}

/// The one stage of a query, as the planner builds it.
fn operator(stage: &str) -> Operator {
    let settings = Settings {
        context: Context {
            threads: 1,
            ..Context::default()
        },
        ..Settings::default()
    };
    let session = Session::new(settings).unwrap();
    let query = Query::typed(&format!("* | {stage}"));
    let compiled = session
        .compile(&query, &Goal::default())
        .unwrap_or_else(|e| panic!("{stage}: {e:?}"));
    let mut chain = compiled.plan.chain_over_rows(&compiled.context).unwrap();
    chain.links.remove(1).operator
}

/// Runs a stage over all batches; a value is an event.
fn run(bencher: Bencher<'_, '_>, stage: &str) {
    let batches = batches();
    let operator = operator(stage);
    let mut partial: Option<Box<dyn Partial>> = match &operator {
        Operator::Mergeable(mergeable) => Some(mergeable.partial()),
        _ => None,
    };
    bencher
        .counter(ItemsCount::new(ROWS * BATCHES))
        .bench_local(|| {
            for batch in &batches {
                match (&operator, &mut partial) {
                    (Operator::Streaming(streaming), _) => {
                        black_box(streaming.apply(batch.clone()).unwrap());
                    }
                    (_, Some(partial)) => partial.push(batch.clone()).unwrap(),
                    _ => panic!("a serial stage"),
                }
            }
        });
}

#[divan::bench(args = [
    "eval r=x*2+y",
    "eval r=a*2+b",
    "eval r=round(a/1024, 2)",
    "eval r=if(x>50000, 1, 0)",
    "eval r=if(a>50000, 1, 0)",
    "eval r=if(g=\"get\", \"read\", \"write\")",
    "eval r=case(a<100, \"low\", a<50000, \"middle\", true(), \"high\")",
    "eval r=coalesce(nosuch, g)",
    "eval r=lower(host)",
    "eval r=len(uri)",
    "eval r=substr(uri, 1, 8)",
    "eval r=g.\":\".host",
    "eval r=x.\"\"",
    "eval r=tonumber(a)",
    "eval r=if(isnotnull(a), 1, 0)",
    "eval r=min(a, b)",
    "eval r=max(x, y)",
    "eval r=tostring(x, \"commas\")",
    "eval r=strftime(x, \"%Y-%m-%d %H:%M:%S\")",
    "eval r=relative_time(x, \"@d\")",
    "eval r=trim(host)",
    "eval r=mvindex(split(host, \"-\"), 1)",
    "eval r=if(isnum(a), 1, 0)",
    "eval r=if(cidrmatch(\"10.0.0.0/8\", \"10.1.2.3\") AND a>5, 1, 0)",
    "eval r=a%7+b",
    "eval r=typeof(a)",
])]
fn eval(bencher: Bencher<'_, '_>, stage: &str) {
    run(bencher, stage);
}

#[divan::bench(args = [
    "where x>50000",
    "where a>50000",
    "where a>b",
    "where g=\"get\"",
    "where g=\"get\" OR a>99000",
    "where g IN (\"get\", \"list\", \"watch\")",
    "where like(host, \"ip-10-0-3-%\")",
    "search g=get",
    "search a>50000",
])]
fn keep(bencher: Bencher<'_, '_>, stage: &str) {
    run(bencher, stage);
}

#[divan::bench(args = [
    "stats count by g",
    "stats count by host",
    "stats avg(x)",
    "stats avg(a)",
    "stats avg(x) by g",
    "stats avg(a) by g",
    "stats avg(b) by g",
    "stats sum(b) by host",
    "stats max(a) by g",
    "stats dc(host) by g",
    "stats stdev(b) by g",
    "stats values(g) by host",
    "stats latest(a) by g",
    "stats count by g, host",
])]
fn stats(bencher: Bencher<'_, '_>, stage: &str) {
    run(bencher, stage);
}

/// Stages with a regular expression, each beside the regex crate alone on the same text.
#[divan::bench(args = [
    "regex uri=\"/api/v(?<version>\\d+)/(?<kind>[a-z]+)\"",
    "eval r=if(match(uri, \"/api/v(?<version>\\d+)/(?<kind>[a-z]+)\"), 1, 0)",
    "rex field=uri \"/api/v(?<version>\\d+)/(?<kind>[a-z]+)\"",
    "eval r=replace(uri, \"/api/v(?<version>\\d+)/(?<kind>[a-z]+)\", \"-\")",
    "eval r=replace(uri, \"/api/v(?<version>\\d+)/(?<kind>[a-z]+)\", \"\\2\")",
    "rex field=uri mode=sed \"s/[0-9]+/N/g\"",
])]
fn regex(bencher: Bencher<'_, '_>, stage: &str) {
    run(bencher, stage);
}

/// The regex crate alone.
#[divan::bench(args = ["is_match", "captures", "replace_all", "replace_all with a group", "replace_all [0-9]+"])]
fn regex_crate(bencher: Bencher<'_, '_>, how: &str) {
    let texts: Vec<String> = batches()
        .iter()
        .flat_map(|batch| {
            (0..batch.rows())
                .map(|row| batch.column("uri").text(row).unwrap().into_owned())
                .collect::<Vec<_>>()
        })
        .collect();
    let regex = ::regex::Regex::new(PATTERN).unwrap();
    let digits = ::regex::Regex::new("[0-9]+").unwrap();
    bencher
        .counter(ItemsCount::new(texts.len()))
        .bench_local(|| {
            for text in &texts {
                match how {
                    "is_match" => {
                        black_box(regex.is_match(text));
                    }
                    "captures" => {
                        let groups = regex.captures(text);
                        black_box(groups.map(|g| (g["version"].len(), g["kind"].len())));
                    }
                    "replace_all" => {
                        black_box(regex.replace_all(text, ::regex::NoExpand("-")));
                    }
                    "replace_all [0-9]+" => {
                        black_box(digits.replace_all(text, ::regex::NoExpand("N")));
                    }
                    _ => {
                        black_box(regex.replace_all(text, "$2"));
                    }
                }
            }
        });
}
