"""Unpacks what the tests of the chart need of the wheels in a folder: unpack.py WHEELS TARGET VERSION…

The wheels hold three copies of one library and the schemas of many versions of Kubernetes; one and the named ones are taken.
"""

import pathlib
import sys
import zipfile

wheels, target, *versions = sys.argv[1:]
folders = tuple(f"kubernetes-json-schema/v{version}-local-strict/" for version in versions)
for wheel in sorted(pathlib.Path(wheels).glob("*.whl")):
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            is_copy = name.endswith((".so", ".so.0"))
            is_schema = name.startswith("kubernetes_validate/")
            if is_copy or (is_schema and not any(folder in name for folder in folders)):
                continue
            archive.extract(name, target)
