"""What is in parquet files that strangers have made: their columns and rows, found out in a process of its own with bounded memory.

A file that was made to do harm then ends nothing but this process. It is run by its path, so it imports nothing of ours:
`python -I parquet.py footers|files PATH…` prints one JSON object.
"""

from __future__ import annotations

import io
import json
import math
import resource
import sys
import wave
from collections.abc import Iterator, Mapping
from typing import Any

MEMORY = 2 * 2**30
"""Most bytes that this process may allocate."""
SECONDS = 300
"""Most seconds of computing."""
BATCH = 256
"""Rows that are looked at at once: a value may be large."""
MOST_COLUMNS = 2000
MOST_ROWS = 5_000_000
MOST_CLASSES = 100
LONGEST_CLASS = 100
"""Characters of a value that may still be a class; longer ones are texts."""

PICTURES, SOUNDS = ("image", "img", "picture", "photo"), ("audio", "sound", "speech", "wav")
"""Words in the name of a column of files by which it is told what they are, where the dataset does not say."""


class Refused(Exception):
    """The files cannot be used; the message is a code."""


def declared(schema: Any) -> Mapping[str, Any]:
    """What the library `datasets` has written down of each column, by its name."""
    try:
        features = json.loads((schema.metadata or {})[b"huggingface"])["info"]["features"]
        return features if isinstance(features, dict) else {}
    except (KeyError, ValueError, TypeError, RecursionError):
        return {}


def column_of(field: Any, feature: Any) -> dict[str, Any]:
    """A column as far as the schema tells."""
    import pyarrow.types as kinds

    said = feature.get("_type") if isinstance(feature, dict) else None
    kind, reason, classes = "unusable", None, None
    type_ = field.type.value_type if kinds.is_dictionary(field.type) else field.type
    text = kinds.is_string(type_) or kinds.is_large_string(type_) or kinds.is_string_view(type_)
    files = kinds.is_binary(type_) or kinds.is_large_binary(type_) or (kinds.is_struct(type_) and type_.get_field_index("bytes") >= 0)
    if files:
        name = field.name.lower()
        if said == "Image" or (said != "Audio" and any(word in name for word in PICTURES)):
            kind = "image"
        elif said == "Audio" or any(word in name for word in SOUNDS):
            kind = "sound"
        else:
            reason = "files"
    elif kinds.is_integer(type_) and said == "ClassLabel" and isinstance(feature.get("names"), list):
        names = [str(name)[:LONGEST_CLASS] for name in feature["names"]]
        kind, classes = "category", names if len(names) <= MOST_CLASSES else None
    elif kinds.is_boolean(type_):
        kind, classes = "category", ["false", "true"]
    elif kinds.is_integer(type_) or kinds.is_floating(type_) or kinds.is_decimal(type_):
        kind = "number"
    elif text:
        kind = "category" if kinds.is_dictionary(field.type) else "text"
    else:
        reason = "nested" if kinds.is_nested(type_) else "type"
    values = None
    if classes:
        values = classes if kinds.is_boolean(type_) else [str(place) for place in range(len(classes))]
    return {
        "name": field.name,
        "type": "string" if text else str(type_)[:60],
        "kind": kind,
        "reason": reason,
        "classes": classes,
        "values": values,
    }


def columns_of(schema: Any) -> list[dict[str, Any]]:
    """The columns of a file, as far as its schema tells. Raises Refused when there are too many, or two of one name."""
    if len(schema) > MOST_COLUMNS:
        raise Refused("columns")
    if len(set(schema.names)) < len(schema):
        raise Refused("broken")
    features = declared(schema)
    return [column_of(field, features.get(field.name)) for field in schema]


def footers(paths: list[str]) -> dict[str, Any]:
    """The columns of the first file and the rows of each, of files of which there is nothing but the footer."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows, columns = [], []
    for place, path in enumerate(paths):
        with open(path, "rb") as file:
            # A parquet file begins as it ends, and nothing before its footer is looked at.
            found = pq.read_metadata(pa.BufferReader(b"PAR1" + file.read()))
        rows.append(int(found.num_rows))
        if not place:
            columns = columns_of(found.schema.to_arrow_schema())
    return {"rows": rows, "columns": columns}


def files(paths: list[str]) -> dict[str, Any]:
    """The columns of whole files, with what only their values tell: gaps, classes, the range of numbers, how sounds are kept."""
    import pyarrow.parquet as pq

    schema, rows = None, 0
    for path in paths:
        with pq.ParquetFile(path) as file:
            if schema is not None and file.schema_arrow.names != schema.names:
                raise Refused("differ")
            schema = schema or file.schema_arrow
            rows += int(file.metadata.num_rows)
    if rows > MOST_ROWS:
        raise Refused("rows")
    columns = columns_of(schema)
    for column in columns:
        if column["kind"] == "unusable":
            continue
        many = column["kind"] == "category" and column["type"] != "string" and column["values"] is None
        look = {"image": _look_at_files, "sound": _look_at_files, "number": _look_at_numbers}.get(column["kind"], _look_at_words)
        try:
            (_look_at_numbers if many else look)(column, paths, rows)
            if many:
                column["values"] = column["classes"] = None
        except MemoryError:
            column.update(kind="unusable", reason="size", values=None, classes=None)
    return {"rows": rows, "columns": columns}


def _batches(paths: list[str], name: str, size: int = BATCH) -> Iterator[Any]:
    import pyarrow.parquet as pq

    for path in paths:
        with pq.ParquetFile(path, buffer_size=2**20) as file:
            for batch in file.iter_batches(size, columns=[name], use_threads=False):
                yield batch.column(name)


def _look_at_numbers(column: dict[str, Any], paths: list[str], _rows: int) -> None:
    import pyarrow as pa
    import pyarrow.compute as pc

    missing, least, greatest = 0, math.inf, -math.inf
    distinct: set[int] | None = set() if "int" in column["type"] else None
    for array in _batches(paths, column["name"], 65_536):
        if pa.types.is_dictionary(array.type):
            array = array.dictionary_decode()
        if distinct is not None:
            distinct.update(value for value in pc.unique(array).to_pylist() if value is not None)
            distinct = distinct if len(distinct) <= MOST_CLASSES else None
        numbers = pc.cast(array, pa.float64(), safe=False)
        finite = numbers.filter(pc.fill_null(pc.is_finite(numbers), False))
        missing += len(numbers) - len(finite)
        if len(finite):
            bounds = pc.min_max(finite).as_py()
            least, greatest = min(least, bounds["min"]), max(greatest, bounds["max"])
    column["missing"] = missing
    column["least"], column["greatest"] = (least, greatest) if least <= greatest else (None, None)
    if distinct:
        column["values"] = column["classes"] = [str(value) for value in sorted(distinct)]


def _look_at_words(column: dict[str, Any], paths: list[str], rows: int) -> None:
    import pyarrow as pa
    import pyarrow.compute as pc

    known = column["values"]
    distinct: set[str] | None = set()
    missing = 0
    text = column["type"] == "string"
    for array in _batches(paths, column["name"]):
        if pa.types.is_dictionary(array.type):
            array = array.dictionary_decode()
        if known is not None:
            array = pc.cast(array, pa.string())
            missing += pc.index_in(array, value_set=pa.array(known, pa.string())).null_count
            continue
        # An empty text says as little as none.
        empty = pc.fill_null(pc.equal(pc.binary_length(array), 0), True)
        missing += pc.sum(empty).as_py() or 0
        if distinct is not None:
            for value in pc.unique(array).to_pylist():
                if value and (len(value) > LONGEST_CLASS or len(distinct) >= MOST_CLASSES + 1):
                    distinct = None
                    break
                if value:
                    distinct.add(value)
    column["missing"] = missing
    if known is not None:
        return
    few = distinct is not None and len(distinct) <= MOST_CLASSES and 2 * len(distinct) <= max(2, rows)
    column["kind"] = "category" if few and text else "text"
    column["values"] = column["classes"] = sorted(distinct) if few and distinct else None


def _look_at_files(column: dict[str, Any], paths: list[str], _rows: int) -> None:
    import pyarrow as pa

    missing, first = 0, None
    for array in _batches(paths, column["name"]):
        if pa.types.is_struct(array.type):
            array = array.field("bytes")
        if not (pa.types.is_binary(array.type) or pa.types.is_large_binary(array.type)):
            column.update(kind="unusable", reason="elsewhere")
            return
        missing += array.null_count
        if first is None:
            first = next((value.as_buffer().to_pybytes() for value in array if value.is_valid), None)
    column["missing"] = missing
    if first is None:
        column.update(kind="unusable", reason="elsewhere")
    elif column["kind"] == "sound":
        try:
            wave.open(io.BytesIO(first)).close()
        except (wave.Error, EOFError):
            column.update(kind="unusable", reason="encoding")


def main() -> None:
    """Look, and print what was found or, as `refused`, a code."""
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    import pyarrow as pa

    pa.set_cpu_count(1)
    task, *paths = sys.argv[1:]
    try:
        found = {"footers": footers, "files": files}[task](paths)
    except Refused as fault:
        found = {"refused": str(fault)}
    except MemoryError:
        found = {"refused": "size"}
    except (pa.ArrowException, OSError, UnicodeDecodeError):
        found = {"refused": "broken"}
    json.dump(found, sys.stdout, allow_nan=False)


if __name__ == "__main__":
    main()
