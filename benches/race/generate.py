#!/usr/bin/env python3
"""Makes EKS audit events as NDJSON for the race: takes a size and a seed, gives the same bytes each time.

  generate.py 1GB audit.ndjson [--seed 1]

The events are like those of a busy cluster, as far as a query can tell:
  * users, user agents, resources and addresses are drawn from pools, few of them often;
  * a line has 0.7 to 6 KB, 1.5 KB on average: reads have no body, writes have one or two;
  * one event in ten thousand is an anonymous scan of the pods; ten times as many only look like one (health checks,
    other paths, bodies and roles that name the anonymous user, administrators who list pods);
  * some events lack `objectRef` or `responseStatus.reason`, some have two addresses, some hold escaped JSON, quotes
    or text outside ASCII in their values.
Only the standard library is used. The needle of the race is the `auditID` of the event in the middle.
"""
import argparse
import datetime
import json
import random

START = datetime.datetime(2026, 3, 2)
WORDS = "amber basil cedar delta ember fjord grove haven iris jade kelp linen maple north onyx pine quartz reef sage tidal".split()
RESOURCES = "pods leases configmaps endpoints secrets nodes events deployments services jobs replicasets cronjobs".split()
ZONES = "prod-use1 prod-euw1 stage-use1 dev-use1".split()


def size(text):
    for suffix, factor in (("GB", 10**9), ("MB", 10**6), ("KB", 10**3)):
        if text.upper().endswith(suffix):
            return int(float(text[:-2]) * factor)
    return int(text)


def text(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


class Maker:
    def __init__(self, seed):
        self.random = random.Random(f"race {seed}")
        r = self.random
        self.users = [self.user(n) for n in range(120)]
        self.agents = [f"{a}/v{1 + n % 4}.{n}.{n % 7} (linux/amd64) kubernetes/{r.getrandbits(28):07x}" for n, a in enumerate(WORDS * 20)]
        self.agents += ['curl/8.5 "quoted"', "Überwacher/1.0 (für Prüfungen)", "kubectl/v1.31.2 (darwin/arm64)"]
        self.scanners = [f"203.0.113.{r.randrange(1, 255)}" for _ in range(40)]
        self.count = 0

    def pick(self, pool):
        """The first of a pool often, the last rarely."""
        return pool[int(len(pool) * self.random.random() ** 3)]

    def word(self):
        return self.random.choice(WORDS)

    def uuid(self):
        h = f"{self.random.getrandbits(128):032x}"
        return f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:]}"

    def user(self, n):
        name = f"system:serviceaccount:team-{n % 40}:{self.word()}-{n}" if n % 3 else f"system:node:ip-10-{n}-7-{n * 2}.ec2.internal"
        groups = ["system:serviceaccounts", f"system:serviceaccounts:team-{n % 40}"] if n % 3 else ["system:bootstrappers", "system:nodes"]
        extra = {"authentication.kubernetes.io/pod-name": [f"{self.word()}-{n:05x}"], "authentication.kubernetes.io/pod-uid": [self.uuid()]}
        return text({"username": name, "uid": self.uuid(), "groups": groups + ["system:authenticated"], "extra": extra})

    def body(self, name, space):
        env = [{"name": f"{self.word()}_{self.word()}".upper(), "value": f"{self.word()}-{self.random.getrandbits(20)}"} for _ in range(self.random.randrange(2, 9))]
        applied = text({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "namespace": space}}) + "\n"
        return {"kind": "Pod", "apiVersion": "v1",
                "metadata": {"name": name, "namespace": space, "uid": self.uuid(), "annotations": {"kubectl.kubernetes.io/last-applied-configuration": applied}},
                "spec": {"containers": [{"name": self.word(), "image": f"registry.example.net/{self.word()}:1.{self.random.randrange(90)}", "env": env,
                                         "resources": {"limits": {"memory": "512Mi"}, "requests": {"cpu": "250m"}}}], "serviceAccountName": self.word()},
                "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True", "lastProbeTime": None}], "podIP": f"10.0.{self.random.randrange(256)}.{self.random.randrange(256)}"}}

    def event(self):
        r, x = self.random, self.random.random()
        resource, space = self.pick(RESOURCES), f"team-{int(40 * r.random() ** 2)}"
        name = f"{self.word()}-{r.getrandbits(40):x}"
        user, agent, verb, code, reason, bodies = self.pick(self.users), self.pick(self.agents), "get", 200, None, ""
        reference = {"resource": resource, "namespace": space, "name": name, "apiVersion": "v1"}
        uri = f"/api/v1/namespaces/{space}/{resource}/{name}"
        addresses = [f"10.0.{r.randrange(64)}.{r.randrange(256)}"]
        why = f'RBAC: allowed by ClusterRoleBinding "{self.word()}" of ClusterRole "{self.word()}" to ServiceAccount "{self.word()}/{space}"'
        if x < 0.0012:
            user = text({"username": "system:anonymous", "groups": ["system:unauthenticated"]})
            addresses, agent, why = [self.pick(self.scanners)], "zgrab/0.x", ""
            if x < 0.0001:
                resource, uri, verb, code, reason = "pods", "/api/v1/pods", "list", 403, "Forbidden"
                addresses += ["10.0.0.9"] * (r.random() < 0.2)
            elif x < 0.001:
                resource, uri = None, r.choice(["/livez", "/healthz", "/version"])
            else:
                resource, uri, verb, code, reason = "secrets", r.choice(["/api/v1/secrets", "/api/v1/pods?limit=500"]), "list", 403, "Forbidden"
            reference = {"resource": resource, "apiVersion": "v1"} if resource else None
        elif x < 0.4:
            verb, bodies = r.choice(["update", "patch", "create"]), self.body(name, space)
            binding = {"subjects": [{"kind": "User", "name": "system:anonymous"}]} if r.random() < 0.001 else {"metadata": {"name": name}}
            bodies = f',"requestObject":{text(binding if r.random() < 0.4 else bodies)},"responseObject":{text(bodies)}'
            code = 201 if verb == "create" else 200
        elif x < 0.7:
            verb, uri = ("watch", f"/api/v1/{resource}?allowWatchBookmarks=true&resourceVersion={r.getrandbits(29)}&timeoutSeconds={r.randrange(300, 600)}&watch=true") if x < 0.6 else ("list", f"/api/v1/namespaces/{space}/{resource}?limit=500")
            reference = {"resource": resource, "apiVersion": "v1"}
            if r.random() < 0.002:
                uri, verb, reference = "/api/v1/pods", "list", {"resource": "pods", "apiVersion": "v1"}
        elif x < 0.75:
            reference, uri = None, r.choice(["/livez", "/readyz", "/metrics", "/openapi/v3"])
        elif x < 0.77:
            code, reason = 404, "NotFound"
        status = {"metadata": {}, "code": code} if reason is None else {"metadata": {}, "status": "Failure", "message": f'"{name}" {reason}', "reason": reason, "code": code}
        at = START + datetime.timedelta(microseconds=int((self.count + r.random()) * 100_000))
        done = at + datetime.timedelta(microseconds=int(r.lognormvariate(8, 1.2)))
        self.count += 1
        stamp = "%Y-%m-%dT%H:%M:%S.%fZ"
        return (f'{{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"{self.uuid()}","stage":"{"ResponseStarted" if verb == "watch" else "ResponseComplete"}",'
                f'"requestURI":{text(uri)},"verb":"{verb}","user":{user},"sourceIPs":{text(addresses)},"userAgent":{text(agent)},'
                + (f'"objectRef":{text(reference)},' if reference else "")
                + f'"responseStatus":{text(status)}{bodies},"requestReceivedTimestamp":"{at.strftime(stamp)}","stageTimestamp":"{done.strftime(stamp)}",'
                f'"annotations":{text({"authorization.k8s.io/decision": "forbid" if code == 403 else "allow", "authorization.k8s.io/reason": why})},'
                f'"source":"/aws/eks/{self.pick(ZONES)}/cluster"}}\n')


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("bytes", type=size)
    arguments.add_argument("file")
    arguments.add_argument("--seed", default="1")
    given = arguments.parse_args()
    maker, done = Maker(given.seed), 0
    with open(given.file, "wb") as out:
        while done < given.bytes:
            line = maker.event().encode()
            out.write(line)
            done += len(line)
    print(f"{maker.count} events, {done} bytes")


if __name__ == "__main__":
    main()
