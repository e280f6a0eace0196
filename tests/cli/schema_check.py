# SPDX-License-Identifier: GPL-3.0-or-later
"""schema_check.py SCHEMAS LABEL=FOLDER...  Every JSON file of the folders that says "schema": "holograd/KIND/1" against SCHEMAS/KIND.json,
by python3-jsonschema: an implementation that owes nothing to ours.  Keys of results that no row describes are reported,
too: schemas allow them (a later version may write more), but then the row is missing in src/files/kind.c.
LABEL bad: the files must be refused."""
import json
import os
import re
import sys

import jsonschema

folder = sys.argv[1]
schemas = {name: json.load(open(os.path.join(folder, name))) for name in os.listdir(folder)}
validators = {}
for name, schema in schemas.items():
    jsonschema.Draft202012Validator.check_schema(schema)
    resolver = jsonschema.RefResolver("", schema, store=schemas)  # "$ref": "train.json" is the schema beside it
    validators[name[:-5]] = jsonschema.Draft202012Validator(schema, resolver=resolver)
passed = failed = 0


def fail(text):
    global failed
    failed += 1
    print("FAILED:", text[:300])


def undescribed(schema, value, path):
    """Keys without a row, below objects whose rows are listed."""
    for branch in schema.get("anyOf", []):
        if branch.get("properties"):
            schema = branch
    properties = schema.get("properties")
    if isinstance(value, dict) and properties and schema.get("additionalProperties") is not False:
        for key, v in value.items():
            if key in properties:
                yield from undescribed(properties[key], v, path + "." + key)
            elif not key.startswith("#"):
                yield path + "." + key
    if isinstance(value, list) and isinstance(schema.get("items"), dict):
        for v in value[:3]:
            yield from undescribed(schema["items"], v, path + "[]")


def check(path, bad):
    global passed
    try:
        doc = json.load(open(path))
    except (ValueError, UnicodeDecodeError):
        return
    kind = re.fullmatch(r"holograd/([a-z-]+)/1", str(doc.get("schema"))) if isinstance(doc, dict) else None
    if not kind or kind[1] == "checkpoint":
        return
    if kind[1] not in validators:
        return fail(f"{path}: no schema of kind {kind[1]}")
    error = jsonschema.exceptions.best_match(validators[kind[1]].iter_errors(doc))
    if bad:
        return fail(f"{path}: accepted, but wrong") if not error else globals().__setitem__("passed", passed + 1)
    if error:
        return fail(f"{path}: {error.json_path}: {error.message}")
    # A background may carry the options of its type beside its keys; only results and evaluations are asked.
    keys = set() if "result" not in doc else set(undescribed(validators[kind[1]].schema, doc, ""))
    if keys:
        return fail(f"{path}: no row in src/files/kind.c describes {', '.join(sorted(keys))}")
    passed += 1


for argument in sys.argv[2:]:
    label, _, top = argument.partition("=")
    for where, _, names in os.walk(top):
        if os.path.basename(where) == "schema":
            continue
        for name in sorted(names):
            # expected*.json are excerpts: a few fields with tolerances.
            if name.endswith(".json") and not name.startswith("expected"):
                check(os.path.join(where, name), label == "bad")
print(f"{passed} passed, {failed} failed")
sys.exit(failed > 0)
