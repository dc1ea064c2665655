"""Writes Parquet files in the layout in which UltraFeedback Binarized is published.

The rows are made up; the same rows are written as JSON lines, which is what the Java test compares with.
Several codecs, page versions, encodings and row groups.

    python make_parquet.py ../resources/parquet          # the committed files
    python make_parquet.py OUT.parquet FLAT.jsonl        # a flattened file in the published layout

Needs pyarrow (written with 26.0.1).
"""

import json
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

TURN = pa.struct([("content", pa.string()), ("role", pa.string())])
SCHEMA = pa.schema([
    ("prompt", pa.string()), ("prompt_id", pa.string()), ("chosen", pa.list_(TURN)),
    ("rejected", pa.list_(TURN)), ("messages", pa.list_(TURN)),
    ("score_chosen", pa.float64()), ("score_rejected", pa.float64()),
])


def published(prompt, chosen, rejected, row_id, scores):
    def talk(answer):
        return [{"content": prompt, "role": "user"}, {"content": answer, "role": "assistant"}]
    return {"prompt": prompt, "prompt_id": row_id, "chosen": talk(chosen), "rejected": talk(rejected),
            "messages": talk(chosen), "score_chosen": scores[0], "score_rejected": scores[1]}


def write(rows, path, **options):
    pq.write_table(pa.Table.from_pylist(rows, SCHEMA), path, **options)


if len(sys.argv) == 3:
    rows = []
    for i, line in enumerate(Path(sys.argv[2]).read_text(encoding="utf-8").splitlines()):
        row = json.loads(line)
        scores = row["metadata"]["score_chosen"], row["metadata"]["score_rejected"]
        rows.append(published(row["prompt"], row["chosen"], row["rejected"], str(i), scores))
    write(rows, sys.argv[1], row_group_size=100, compression="snappy")
else:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for i in range(40):
        rows.append(published(
            f"question {i} «ü€𝄞» " + "why " * (i % 5), f"good answer {i}\n" * (i % 3 + 1), f"bad answer {i % 7}",
            f"id-{i:02d}", (None if i % 11 == 0 else i / 4, float(i % 3))))
    rows[5]["messages"] = None
    rows[6]["messages"] = []
    rows[7]["prompt"] = None
    with (folder / "rows.jsonl").open("w", encoding="utf-8") as out:
        for row in rows:
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
    for codec in "none", "snappy", "gzip", "zstd":
        write(rows, folder / f"{codec}.parquet", compression=codec, row_group_size=13)
    write(rows, folder / "pages-v2.parquet", compression="zstd", row_group_size=7, data_page_version="2.0",
          data_page_size=128, write_page_checksum=True)
    write(rows, folder / "delta.parquet", compression="snappy", use_dictionary=False, version="2.6",
          column_encoding={"prompt": "DELTA_BYTE_ARRAY", "prompt_id": "DELTA_LENGTH_BYTE_ARRAY",
                           "score_chosen": "BYTE_STREAM_SPLIT"})
