//! How many times memory is asked for, an event: takes queries, runs each over a file of events and over one twice as
//! long, prints the difference by the events more. What a run asks for once, or once a batch, drops out or is near 0.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use spelunk::data::Context;
use spelunk::operators::Flow;
use spelunk::plan::Goal;
use spelunk::session::{Query, Session, Settings};
use std::alloc::{GlobalAlloc, Layout};
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};

struct Counting(mimalloc::MiMalloc);

static COUNT: AtomicU64 = AtomicU64::new(0);

// SAFETY: every call goes on to mimalloc as it came; counting touches no memory that is handed out.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNT.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { self.0.alloc(layout) }
    }
    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the contract of `dealloc`.
        unsafe { self.0.dealloc(at, layout) }
    }
    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        COUNT.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller keeps the contract of `realloc`.
        unsafe { self.0.realloc(at, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting(mimalloc::MiMalloc);

const EVENTS: usize = 200_000;

const QUERIES: [&str; 16] = [
    "* | stats count",
    "* | stats count by verb",
    "* | stats count by verb, user.name",
    "* | stats avg(latency) max(latency) by verb",
    "* | stats dc(user.name) by verb",
    "* | eval x=bytes*2+latency | stats sum(x)",
    "* | eval y=if(bytes>500 AND verb=\"get\", 1, 0) | stats sum(y)",
    "* | eval y=if(match(uri, \"^/api/v1/\"), \"api\", \"other\") | stats count by y",
    "* | eval y=lower(verb).\":\".status | stats count by y",
    "* | eval y=replace(uri, \"\\d+\", \"N\") | stats count by y",
    "* | rex field=uri \"/v1/(?<kind>[a-z]+)\" | stats count by kind",
    "* | where bytes>900 | stats count",
    "verb=get | where status!=200 | stats count by user.name",
    "* | regex uri=\"/secrets\" | stats count",
    "* | table verb status bytes",
    "verb=get | where bytes>900",
];

fn events(count: usize) -> String {
    let mut text = String::new();
    for n in 0..count {
        let mixed = n.wrapping_mul(2_654_435_761) >> 7;
        let _ = writeln!(
            text,
            "{{\"time\":\"2024-05-01T10:{:02}:{:02}Z\",\"verb\":\"{}\",\"user\":{{\"name\":\"system:serviceaccount:kube-system:agent-{}\"}},\"uri\":\"/api/v1/{}?limit={}\",\"status\":{},\"bytes\":{},\"latency\":{}.{:03}}}",
            n / 60 % 60,
            n % 60,
            ["get", "list", "watch", "create"][mixed % 4],
            mixed % 50,
            ["pods", "secrets", "nodes"][mixed % 3],
            mixed % 10,
            [200, 404, 500][mixed % 3],
            mixed % 1000,
            mixed % 20,
            mixed % 1000,
        );
    }
    text
}

/// What one run asked for.
fn count(query: &str, file: &str) -> u64 {
    let settings = Settings {
        context: Context {
            threads: 1,
            ..Context::default()
        },
        ..Settings::default()
    };
    let session = Session::new(settings).unwrap();
    let compiled = session
        .compile(&Query::typed(query), &Goal::default())
        .unwrap();
    let before = COUNT.load(Ordering::Relaxed);
    let mut rows = 0;
    session
        .run(
            &compiled,
            &[file.to_owned()],
            &Default::default(),
            &mut |batch| {
                rows += batch.rows();
                Ok(Flow::More)
            },
        )
        .unwrap();
    assert!(rows > 0, "{query} gives no row");
    COUNT.load(Ordering::Relaxed) - before
}

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let path = |count: usize| {
        let path = folder.path().join(format!("{count}.ndjson"));
        std::fs::write(&path, events(count)).unwrap();
        path.to_string_lossy().into_owned()
    };
    let (once, twice) = (path(EVENTS), path(2 * EVENTS));
    println!("allocations an event");
    for query in QUERIES {
        let more = count(query, &twice) as f64 - count(query, &once) as f64;
        println!("{:8.4}  {query}", more / EVENTS as f64);
    }
}
