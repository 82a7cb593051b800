// Compile the packages of an archive with the very Python that will load them: it starts faster.
// Usage: node compile.mjs FOLDER_OF_PYODIDE ARCHIVE...

import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const COMPILE = `
import os, py_compile, zipfile
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
with ZipFile("/in.zip") as given, ZipFile("/out.zip", "w", ZIP_DEFLATED, compresslevel=9) as made:
    for row in given.infolist():
        name, content = row.filename, given.read(row)
        if name.endswith(".py"):
            with open("/module.py", "wb") as source:
                source.write(content)
            py_compile.compile("/module.py", "/module.pyc", name, True, invalidation_mode=mode)
            with open("/module.pyc", "rb") as compiled:
                name, content = f"{name}c", compiled.read()
        made.writestr(ZipInfo(name, row.date_time), content, ZIP_DEFLATED)
`;

const [folder, ...archives] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(`${folder}/pyodide.mjs`));
const python = await loadPyodide();
for (const archive of archives) {
  python.FS.writeFile("/in.zip", new Uint8Array(readFileSync(archive)));
  python.runPython(COMPILE);
  writeFileSync(archive, python.FS.readFile("/out.zip"));
}
