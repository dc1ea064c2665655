"""Holds mpijob.yaml against the schema of MPIJob.

    pip install jsonschema pyyaml
    python validate.py kubeflow.org_mpijobs.yaml mpijob.yaml

The schema is manifests/base/kubeflow.org_mpijobs.yaml of github.com/kubeflow/mpi-operator; last run against v0.6.0.
An unknown key is an error, as it is for the API server with --validate=strict.
"""

import sys

import jsonschema
import yaml


def strict(schema):
    """Forbids keys that the schema does not name, where it names any."""
    if isinstance(schema, dict):
        if "properties" in schema and "additionalProperties" not in schema:
            schema = dict(schema, additionalProperties=False)
        return {key: strict(value) for key, value in schema.items()}
    return [strict(value) for value in schema] if isinstance(schema, list) else schema


def main(crd, manifest):
    versions = {one["name"]: one for one in yaml.safe_load(open(crd))["spec"]["versions"]}
    job = yaml.safe_load(open(manifest))
    schema = versions[job["apiVersion"].split("/")[1]]["schema"]["openAPIV3Schema"]
    schema["properties"]["metadata"] = {"type": "object", "additionalProperties": True}
    errors = list(jsonschema.Draft7Validator(strict(schema)).iter_errors(job))
    for error in errors:
        print("/".join(map(str, error.path)), error.message)
    print(f"{manifest}: {len(errors)} errors against {job['apiVersion']} {job['kind']}")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
