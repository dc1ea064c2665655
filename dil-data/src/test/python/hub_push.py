"""Records what huggingface_hub sends when it pushes a folder: the oracle of `dil push`.

    python dil-data/src/test/python/hub_push.py > dil-data/src/test/resources/hub/push.json

A server on this machine plays the hub: it takes *.json and *.md as ordinary files, says of *.log that it is ignored, and
wants all else in its large-file storage: big.bin in parts, known.bin not at all since it has it. Needs huggingface_hub only.
"""

import base64
import hashlib
import json
import os
import re
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

os.environ.update(HF_HUB_DISABLE_XET="1", HF_HUB_DISABLE_TELEMETRY="1", HF_HUB_DISABLE_PROGRESS_BARS="1")
import huggingface_hub  # noqa: E402
from huggingface_hub import HfApi  # noqa: E402

CHUNK = 1000
FILES = {
    "README.md": b"# A model\n",
    "config.json": b'{"vocab_size": 3}\n',
    "empty.txt": b"",
    "debug.log": b"not wanted\n",
    "model.bin": bytes(range(256)) * 3,
    "known.bin": b"already there",
    "big.bin": bytes((i * 7) % 251 for i in range(2500)),
}
requests = []


def mode(path):
    return "regular" if path.endswith((".json", ".md", ".log")) else "lfs"


class Hub(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def reply(self, body, headers=()):
        data = json.dumps(body).encode()
        self.send_response(200)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def take(self):
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            body = b""
            while True:
                size = int(self.rfile.readline().strip(), 16)
                body += self.rfile.read(size)
                self.rfile.readline()
                if size == 0:
                    break
        else:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        kind = self.headers.get("Content-Type") or ""
        if self.command == "PUT":
            shown = {"sha256": hashlib.sha256(body).hexdigest(), "size": len(body)}
        elif "ndjson" in kind:
            shown = [json.loads(line) for line in body.splitlines()]
        else:
            shown = json.loads(body) if body else None
        requests.append(
            {
                "method": self.command,
                "path": self.path,
                "authorization": self.headers.get("Authorization"),
                "type": kind,
                "accept": self.headers.get("Accept") if "lfs" in self.path else None,
                "body": shown,
            }
        )
        return shown

    def do_PUT(self):
        self.take()
        self.reply({}, [("ETag", '"tag-of-%s"' % self.path.rsplit("/", 1)[1])])

    def do_POST(self):
        body = self.take()
        here = f"http://127.0.0.1:{self.server.server_port}"
        if self.path == "/api/repos/create":
            self.reply({"url": f"{here}/org/name", "id": "1"})
        elif "/preupload/" in self.path:
            self.reply(
                {
                    "files": [
                        {"path": f["path"], "uploadMode": mode(f["path"]), "shouldIgnore": f["path"].endswith(".log")}
                        for f in body["files"]
                    ]
                }
            )
        elif self.path.endswith("/info/lfs/objects/batch"):
            objects = []
            for item in body["objects"]:
                name = next(n for n, data in FILES.items() if hashlib.sha256(data).hexdigest() == item["oid"])
                answer = dict(item)
                if name == "big.bin":
                    parts = {str(i + 1): f"{here}/store/part-{i + 1}" for i in range(-(-item["size"] // CHUNK))}
                    answer["actions"] = {
                        "upload": {"href": f"{here}/complete", "header": {"chunk_size": str(CHUNK), **parts}},
                        "verify": {"href": f"{here}/org/name.git/info/lfs/verify"},
                    }
                elif name != "known.bin":
                    answer["actions"] = {"upload": {"href": f"{here}/store/{name}", "header": {}}}
                objects.append(answer)
            self.reply({"transfer": "multipart", "objects": objects})
        elif "/commit/" in self.path:
            self.reply({"commitUrl": f"{here}/org/name/commit/abc", "commitOid": "0" * 40, "pullRequestUrl": None})
        else:
            self.reply({})

    def do_GET(self):
        self.send_response(404)
        self.send_header("Content-Length", "0")
        self.end_headers()


def main():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    endpoint = f"http://127.0.0.1:{server.server_port}"
    with tempfile.TemporaryDirectory() as folder:
        for name, data in FILES.items():
            Path(folder, name).write_bytes(data)
        api = HfApi(endpoint=endpoint, token="hf_secret")
        api.create_repo("org/name", private=True, exist_ok=True)
        api.upload_folder(repo_id="org/name", folder_path=folder, commit_message="Push the model")
    text = json.dumps(
        {
            "made_with": {"huggingface_hub": huggingface_hub.__version__, "python": sys.version.split()[0]},
            "chunk": CHUNK,
            "files": {name: base64.b64encode(data).decode() for name, data in FILES.items()},
            "requests": requests,
        },
        indent=1,
    )
    print(re.sub(r"http://127\.0\.0\.1:\d+", "HUB", text))


main()
