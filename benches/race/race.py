#!/usr/bin/env python3
"""Races spelunk against DuckDB, ClickHouse, ripgrep and jq over one file of audit events; see README.md.

  race.py [--data FILE | --size 1GB] [--bin target/release/spelunk] [--queries Q1,Q2] [--runs 5] [--json FILE]

Takes a file (made by generate.py when there is none), gives a table: a query a row, medians in seconds, and for each
rival how many times longer it took. spelunk, ripgrep and jq are timed as whole processes; DuckDB and ClickHouse by the
query alone, without their start. Runs take turns after one warm-up each. A rival that gives another answer is named.
"""
import argparse
import collections
import gzip
import json
import math
import os
import re
import shutil
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
STAMP = "%Y-%m-%dT%H:%M:%S.%6NZ"
TITLES = {
    "Q1": "the shipped detection", "Q2": "count by verb and status code", "Q3": "one rare token, any case",
    "Q4": "count by hour and verb", "Q5": "distinct users, exact p95 by resource", "Q6": "top 20 user agents",
    "Q7": "newest 100 lists of pods", "Q8": "count by auditID, all distinct", "Q1.gz": "Q1 on 100 MB, gzip",
    "Q2.gz": "Q2 on 100 MB, gzip", "Q1.zst": "Q1 on 100 MB, zstd", "Q2.zst": "Q2 on 100 MB, zstd",
}
# What DuckDB is told of the columns, where it is told.
COLUMNS = {
    "requestReceivedTimestamp": "VARCHAR", "stageTimestamp": "VARCHAR", "verb": "VARCHAR", "requestURI": "VARCHAR",
    "userAgent": "VARCHAR", "auditID": "VARCHAR", "source": "VARCHAR", "sourceIPs": "VARCHAR[]",
    "user": "STRUCT(username VARCHAR, groups VARCHAR[])", "objectRef": "STRUCT(resource VARCHAR)",
    "responseStatus": "STRUCT(reason VARCHAR, code INTEGER)",
}
NEEDS = {
    "Q1": "requestReceivedTimestamp verb requestURI userAgent source sourceIPs user objectRef responseStatus",
    "Q2": "verb responseStatus", "Q4": "requestReceivedTimestamp verb", "Q6": "userAgent", "Q8": "auditID",
    "Q5": "requestReceivedTimestamp stageTimestamp user objectRef", "Q7": "requestReceivedTimestamp verb auditID objectRef",
}


def spl(query, needle):
    latency = f'round((strptime(stageTimestamp, "{STAMP}") - strptime(requestReceivedTimestamp, "{STAMP}")) * 1000000)'
    return {
        "Q2": "* | stats count by verb responseStatus.code",
        "Q3": f'"{needle}" | stats count',
        "Q4": "* | bin span=1h _time | stats count by _time verb",
        "Q5": f"objectRef.resource=* | eval d={latency} | stats dc(user.username) as users exactperc95(d) as p95 by objectRef.resource",
        "Q6": "* | top limit=20 showperc=f userAgent",
        "Q7": "verb=list objectRef.resource=pods | sort 100 -_time | table auditID",
        "Q8": "* | stats count by auditID | stats count sum(count) as events",
    }[query]


def duckdb_sql(query, file, inferred, needle):
    told = ", ".join(f"'{name}': '{COLUMNS[name]}'" for name in NEEDS.get(query, "verb").split())
    events = f"read_ndjson_auto('{file}')" if inferred else f"read_ndjson('{file}', columns={{{told}}})"
    lines = f"read_csv('{file}', delim='\x01', quote='', escape='', header=false, auto_detect=false, columns={{'line': 'VARCHAR'}}, max_line_size=10000000)"
    scan = "lower(\"user\".username) = 'system:anonymous' AND lower(verb) = 'list' AND lower(objectRef.resource) = 'pods' AND lower(requestURI) = '/api/v1/pods'"
    micros = lambda name: f"epoch_us({name}::TIMESTAMP)"
    return {
        "Q1": f"""SELECT ip, source, username, grp, count(*), min(t), max(t), list(DISTINCT status.reason), list(DISTINCT status.code),
                  list(DISTINCT agent), list(DISTINCT verb), list(DISTINCT uri) FROM (SELECT unnest(ips) ip, * FROM (
                  SELECT sourceIPs ips, unnest("user".groups) grp, "user".username username, source, requestReceivedTimestamp t,
                  responseStatus status, userAgent agent, verb, requestURI uri FROM {events} WHERE {scan})) GROUP BY ip, source, username, grp""",
        "Q2": f"SELECT verb, responseStatus.code, count(*) FROM {events} WHERE verb IS NOT NULL AND responseStatus.code IS NOT NULL GROUP BY ALL",
        "Q3": f"SELECT count(*) FROM {lines} WHERE line ILIKE '%{needle}%'",
        "Q4": f"SELECT time_bucket(INTERVAL 1 HOUR, requestReceivedTimestamp::TIMESTAMP) bucket, verb, count(*) FROM {events} GROUP BY ALL",
        "Q5": f"""SELECT objectRef.resource, count(DISTINCT "user".username), quantile_cont({micros('stageTimestamp')} - {micros('requestReceivedTimestamp')}, 0.95)
                  FROM {events} WHERE objectRef.resource IS NOT NULL GROUP BY ALL""",
        "Q6": f"SELECT userAgent, count(*) n FROM {events} WHERE userAgent IS NOT NULL GROUP BY ALL ORDER BY n DESC LIMIT 20",
        "Q7": f"SELECT auditID FROM {events} WHERE lower(verb) = 'list' AND lower(objectRef.resource) = 'pods' ORDER BY requestReceivedTimestamp DESC LIMIT 100",
        "Q8": f"SELECT count(*), sum(n) FROM (SELECT auditID, count(*) n FROM {events} GROUP BY ALL)",
    }[query]


def clickhouse_sql(query, file, needle):
    lines = f"file('{file}', 'LineAsString', 'line String')"
    get = lambda *path: "JSONExtract(line, " + ", ".join(f"'{key}'" for key in path) + ", 'Nullable(String)')"
    username, resource, verb, uri = get("user", "username"), get("objectRef", "resource"), get("verb"), get("requestURI")
    agent, audit, at, done = get("userAgent"), get("auditID"), get("requestReceivedTimestamp"), get("stageTimestamp")
    code = "JSONExtract(line, 'responseStatus', 'code', 'Nullable(Int32)')"
    time64 = lambda text: f"parseDateTime64BestEffort(assumeNotNull({text}), 6, 'UTC')"
    scan = f"lower({username}) = 'system:anonymous' AND lower({verb}) = 'list' AND lower({resource}) = 'pods' AND lower({uri}) = '/api/v1/pods'"
    return {
        "Q1": f"""SELECT ip, {get('source')} s, {username} u, grp, count(), min({at}), max({at}), groupUniqArray({get('responseStatus', 'reason')}),
                  groupUniqArray({code}), groupUniqArray({agent}), groupUniqArray({verb}), groupUniqArray({uri})
                  FROM (SELECT line, arrayJoin(JSONExtract(line, 'sourceIPs', 'Array(String)')) ip, arrayJoin(JSONExtract(line, 'user', 'groups', 'Array(String)')) grp
                  FROM {lines} WHERE positionCaseInsensitive(line, 'system:anonymous') > 0 AND {scan}) GROUP BY ip, s, u, grp""",
        "Q2": f"SELECT {verb} v, {code} c, count() FROM {lines} WHERE v IS NOT NULL AND c IS NOT NULL GROUP BY v, c",
        "Q3": f"SELECT count() FROM {lines} WHERE positionCaseInsensitive(line, '{needle}') > 0",
        "Q4": f"SELECT toString(toStartOfHour({time64(at)})) hour, {verb} v, count() FROM {lines} GROUP BY hour, v",
        "Q5": f"""SELECT {resource} r, uniqExact({username}), quantileExactInclusive(0.95)(toUnixTimestamp64Micro({time64(done)}) - toUnixTimestamp64Micro({time64(at)}))
                  FROM {lines} WHERE r IS NOT NULL GROUP BY r""",
        "Q6": f"SELECT {agent} a, count() n FROM {lines} WHERE a IS NOT NULL GROUP BY a ORDER BY n DESC LIMIT 20",
        "Q7": f"SELECT {audit} FROM {lines} WHERE lower({verb}) = 'list' AND lower({resource}) = 'pods' ORDER BY {at} DESC LIMIT 100",
        "Q8": f"SELECT count(), sum(n) FROM (SELECT {audit} a, count() n FROM {lines} GROUP BY a)",
    }[query]


JQ = {
    "Q1": """jq -c 'select((.user.username|ascii_downcase) == "system:anonymous" and .verb == "list" and .objectRef.resource == "pods" and .requestURI == "/api/v1/pods")' FILE""",
    "Q2": "jq -r '[.verb, .responseStatus.code] | @tsv' FILE | sort | uniq -c",
}


def answer(query, rows):
    """A small value that differs when answers differ."""
    number = lambda value: float(value) if value not in (None, "") else 0.0
    words = lambda row, count: [str(value) for value in row[:count]]
    return {
        "Q1": lambda: sorted(words(row, 4) + [number(row[4])] for row in rows),
        "Q2": lambda: sorted([str(row[0]), number(row[1]), number(row[2])] for row in rows),
        "Q3": lambda: number(rows[0][0]),
        "Q4": lambda: [len(rows), sum(number(row[2]) for row in rows)],
        "Q5": lambda: sorted([str(row[0]), number(row[1]), number(row[2])] for row in rows),
        "Q6": lambda: sorted(number(row[1]) for row in rows),
        "Q7": lambda: sorted(str(row[0]) for row in rows),
        "Q8": lambda: [number(value) for value in rows[0]],
    }[query]()


def alike(a, b):
    """Whether two answers are the same, numbers to nine digits."""
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(alike, a, b))
    if isinstance(a, (int, float)) and isinstance(b, (int, float)):
        return math.isclose(a, b, rel_tol=1e-9)
    return a == b


FIELDS = {
    "Q1": ["src_ip", "cluster_name", "user.username", "user.groups{}", "count"], "Q2": ["verb", "responseStatus.code", "count"],
    "Q3": ["count"], "Q4": ["_time", "verb", "count"], "Q5": ["objectRef.resource", "users", "p95"], "Q6": ["userAgent", "count"],
    "Q7": ["auditID"], "Q8": ["count", "events"],
}


def timed(command, **more):
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, **more)
    return time.perf_counter() - start, done


def inside(rival, query, file, needle):
    """One query of a rival that is a library, in a process of its own: prints seconds and the answer."""
    if rival.startswith("duckdb"):
        import duckdb
        connection = duckdb.connect()
        connection.execute(f"SET threads = {os.cpu_count()}; SET TimeZone = 'UTC'")
        sql = duckdb_sql(query, file, rival == "duckdb-inferred", needle)
        start = time.perf_counter()
        rows = connection.execute(sql).fetchall()
        seconds = time.perf_counter() - start
    else:
        from chdb import session
        connection = session.Session()
        connection.query("SELECT 1")
        sql = f"{clickhouse_sql(query, file, needle)} FORMAT JSONCompactEachRow SETTINGS max_threads = {os.cpu_count()}"
        start = time.perf_counter()
        out = str(connection.query(sql))
        seconds = time.perf_counter() - start
        rows = [json.loads(line) for line in out.splitlines() if line]
    print(json.dumps([seconds, answer(query, rows)], default=str))


def rival_run(rival, query, file, needle):
    """Seconds, and the answer where the rival gives one; `None` when it doesn't run this query."""
    if rival in ("ripgrep", "jq"):
        if rival == "ripgrep" and query in ("Q1", "Q3"):
            return timed(["rg", "-c", "-i", "-F", "system:anonymous" if query == "Q1" else needle, file])[0], None
        if rival == "jq" and query in JQ:
            return timed(["sh", "-c", JQ[query].replace("FILE", f"'{file}'")])[0], None
        return None
    done = subprocess.run([sys.executable, __file__, "--inside", rival, query, file, needle], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{rival} fails at {query}: {done.stderr.strip().splitlines()[-1]}")
    return json.loads(done.stdout)


def ours(binary, query, file, needle):
    if query == "Q1":
        return [binary, "run", "--format", "ndjson", "amazon_eks_kubernetes_pod_scan_detection", file]
    return [binary, "search", "--format", "ndjson", spl(query, needle), file]


def peak(command, project):
    code = "import resource as r, subprocess as s, sys; s.run(sys.argv[1:], capture_output=True); print(r.getrusage(r.RUSAGE_CHILDREN).ru_maxrss // 1024)"
    return int(subprocess.run([sys.executable, "-c", code, *command], capture_output=True, cwd=project).stdout or 0)


def installed(rival):
    tool = {"ripgrep": "rg", "jq": "jq"}.get(rival)
    if tool:
        return shutil.which(tool) is not None
    return subprocess.run([sys.executable, "-c", f"import {rival.split('-')[0]}"], capture_output=True).returncode == 0


def packed(file, kind):
    """The first 100 MB of the file, packed; kept beside it."""
    part, target = f"{file}.100mb", f"{file}.100mb.{kind}"
    if not os.path.exists(target):
        with open(file, "rb") as whole:
            head = whole.read(100_000_000)
        with open(part, "wb") as out:
            out.write(head[: head.rfind(b"\n") + 1])
        if kind == "gz":
            with open(part, "rb") as source, gzip.open(target, "wb", 6) as out:
                shutil.copyfileobj(source, out)
        else:
            subprocess.run(["zstd", "-q", "-k", part, "-o", target], check=True)
    return target


def race(given, query, file, needle, rivals):
    base, _, kind = query.partition(".")
    file = packed(file, kind) if kind else file
    command, seconds, answers = ours(given.bin, base, file, needle), collections.defaultdict(list), {}
    for turn in range(given.runs + 1):
        took, done = timed(command, cwd=given.project)
        if done.returncode:
            sys.exit(f"spelunk fails at {query}: {done.stderr.decode(errors='replace')}")
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        answers["spelunk"] = answer(base, [[row.get(name) for name in FIELDS[base]] for row in rows])
        seconds["spelunk"].append(took)
        for rival in rivals:
            run = rival_run(rival, base, file, needle) if not kind or rival.startswith("duckdb") else None
            if run:
                seconds[rival].append(run[0])
                if run[1] is not None:
                    answers[rival] = run[1]
    medians = {name: statistics.median(times[1:] or times) for name, times in seconds.items()}
    same = lambda rival: rival not in answers or alike(answers[rival], answers["spelunk"])
    mine = medians["spelunk"]
    cells = [f"{name} {median:.3f} s ×{median / mine:.1f}{'' if same(name) else ' DIFFERS'}" for name, median in medians.items() if name != "spelunk"]
    speed = (100_000_000 if kind else os.path.getsize(file)) / mine / 1e9
    print(f"{query:7}{TITLES[query]:38} {mine:.3f} s {speed:5.1f} GB/s {peak(command, given.project):4} MB | " + " | ".join(cells), flush=True)
    return {"seconds": medians, "differs": [name for name in answers if not same(name)]}


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--bin", default="target/release/spelunk")
    arguments.add_argument("--data", help="NDJSON; made when there is none")
    arguments.add_argument("--size", default="1GB", help="of the data that is made")
    arguments.add_argument("--queries", default=",".join(TITLES))
    arguments.add_argument("--rivals", default="duckdb,duckdb-inferred,chdb,ripgrep,jq")
    arguments.add_argument("--runs", type=int, default=5)
    arguments.add_argument("--needle", help="the token of Q3; an auditID from the middle of the file when absent")
    arguments.add_argument("--project", default=os.path.join(HERE, "../.."), help="folder with queries/ and macros/")
    arguments.add_argument("--json", help="where the numbers go")
    arguments.add_argument("--inside", nargs=4, help=argparse.SUPPRESS)
    given = arguments.parse_args()
    if given.inside:
        return inside(*given.inside)
    given.bin, file = os.path.abspath(given.bin), os.path.abspath(given.data or f"race-{given.size}.ndjson")
    if not os.path.exists(file):
        subprocess.run([sys.executable, os.path.join(HERE, "generate.py"), given.size, file], check=True)
    with open(file, "rb") as data:
        data.seek(os.path.getsize(file) // 2)
        data.readline()
        needle = given.needle or re.search(rb'"auditID":"([^"]+)"', data.readline()).group(1).decode()
    rivals = [rival for rival in given.rivals.split(",") if installed(rival)]
    missing = [rival for rival in given.rivals.split(",") if rival not in rivals]
    if missing:
        print("not installed, left out:", ", ".join(missing))
    queries = given.queries.split(",")
    if not shutil.which("zstd"):
        print("no zstd here to pack with: its queries are left out")
        queries = [query for query in queries if not query.endswith(".zst")]
    numbers = {query: race(given, query, file, needle, rivals) for query in queries}
    if given.json:
        with open(given.json, "w") as out:
            json.dump(numbers, out, indent=1)
    if any(result["differs"] for result in numbers.values()):
        sys.exit("some answers differ")


if __name__ == "__main__":
    main()
