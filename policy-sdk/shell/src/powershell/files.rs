//! Follows cmdlets that find, delete and write files.

use super::binding::Bound;
use super::command::Call;
use super::follow::PowerShell;
use super::operators::first;
use super::value::{Value, Values, lines, one, texts, unknown};
use crate::halt::Outcome;
use crate::marks;
use crate::path::base_name;
use crate::writes::Way;

const PATHS: &[&str] = &["Path", "LiteralPath"];

impl PowerShell<'_> {
    /// `Remove-Item`.
    pub(super) fn remove_item(&mut self, call: &Call, bound: &Bound) -> Outcome<Values> {
        let mut paths = bound.texts(PATHS);
        if paths.is_empty() {
            paths = texts(&call.passed());
        }
        if paths.is_empty() && bound.is_open {
            paths.push(marks::unknown());
        }
        let is_recursive = bound.has("Recurse") || bound.is_open;
        let kinds = bound.texts(&["Include", "Filter"]);
        if is_recursive && !kinds.is_empty() {
            paths = below(&paths, &kinds);
        }
        self.remove(&call.argv[..1], &paths, is_recursive)?;
        Ok(Values::new())
    }

    /// Reports deleted paths as `rm` would delete them, so that a policy needs only one rule.
    pub(super) fn remove(
        &mut self,
        name: &[String],
        paths: &[String],
        is_recursive: bool,
    ) -> Outcome<()> {
        let (keys, paths): (Vec<String>, Vec<String>) =
            paths.iter().cloned().partition(|path| is_registry(path));
        for key in keys {
            let argv = ["reg", "delete", &key, "/f"].map(str::to_owned);
            self.tell("reg", &argv)?;
        }
        let paths: Vec<String> = paths
            .into_iter()
            .filter_map(|path| on_disk(&path))
            .collect();
        if paths.is_empty() {
            return Ok(());
        }
        let recursive = is_recursive.then(|| "-r".to_owned());
        let argv: Vec<String> = name
            .iter()
            .cloned()
            .chain(recursive)
            .chain(["--".to_owned()])
            .chain(paths)
            .collect();
        self.tell("rm", &argv)
    }

    /// `Get-ChildItem`: the content of folders, or of all folders below.
    pub(super) fn children(&mut self, call: &Call, bound: &Bound) -> Values {
        let mut folders = bound.texts(PATHS);
        if folders.is_empty() {
            folders = match &call.input {
                Some(items) => texts(items),
                None => vec![".".to_owned()],
            };
        }
        let kinds = bound.texts(&["Include", "Filter"]);
        let kinds = if kinds.is_empty() {
            vec!["*".to_owned()]
        } else {
            kinds
        };
        let is_recursive = bound.has_any(&["Recurse", "Depth"]);
        let found = folders.iter().flat_map(|folder| {
            if is_recursive {
                return within(folder, &kinds);
            }
            let is_pattern = base_name(folder).contains(['*', '?']);
            if is_pattern {
                return vec![folder.clone()];
            }
            let folder = folder.trim_end_matches(['/', '\\']);
            let paths = kinds.iter().map(|kind| format!("{folder}/{kind}"));
            paths.collect()
        });
        found.map(Value::text).collect()
    }

    /// `Set-Content`, `Add-Content`, `Out-File`, `Tee-Object`, `Clear-Content`.
    pub(super) fn write_content(&mut self, call: &Call, bound: &Bound) -> Outcome<Values> {
        let content = match call.name.as_str() {
            "clear-content" => Some(String::new()),
            _ if bound.has_any(&["Value", "InputObject"]) => {
                Some(lines(&bound.items(&["Value", "InputObject"])))
            }
            _ => call.input.as_deref().map(lines),
        };
        let is_added = call.name == "add-content" || bound.has("Append");
        let way = if is_added { Way::Append } else { Way::Replace };
        for target in bound.texts(&["FilePath", "Path", "LiteralPath"]) {
            if let Some(target) = on_disk(&target) {
                self.runner
                    .write(&call.argv, &target, content.as_deref(), way)?;
            }
        }
        Ok(match call.name.as_str() {
            "tee-object" => call.passed(),
            _ => Values::new(),
        })
    }

    /// `Copy-Item`, `Move-Item`, `Rename-Item`.
    pub(super) fn copy(&mut self, call: &Call, bound: &Bound) -> Outcome<Values> {
        let mut sources = bound.texts(PATHS);
        if sources.is_empty() {
            sources = texts(&call.passed());
        }
        let name = bound.text(&["NewName"]);
        let to = match (bound.text(&["Destination"]), name) {
            (Some(to), _) => to,
            (None, Some(name)) => sibling(&sources, &name),
            (None, None) => ".".to_owned(),
        };
        if bound.has_any(&["ToSession", "FromSession"]) {
            return Ok(Values::new());
        }
        let told = match call.name.as_str() {
            "copy-item" => "cp",
            _ => "mv",
        };
        let words = sources.iter().chain([&to]).cloned();
        let argv: Vec<String> = call.argv.iter().take(1).cloned().chain(words).collect();
        self.tell(told, &argv)?;
        for source in &sources {
            let content = self.runner.scene().file(source).map(str::to_owned);
            let inside = format!("{}/{}", to.trim_end_matches(['/', '\\']), last(source));
            for target in [to.clone(), inside] {
                self.runner
                    .write(&call.argv, &target, content.as_deref(), Way::Replace)?;
            }
        }
        Ok(one(to))
    }

    /// `New-Item`: a file, a folder, a link.
    pub(super) fn new_item(&mut self, call: &Call, bound: &Bound) -> Outcome<Values> {
        let kind = bound.text(&["ItemType", "Type"]).unwrap_or_default();
        let folder = bound.text(&["Path"]);
        let path = match (folder, bound.text(&["Name"])) {
            (Some(folder), Some(name)) => format!("{folder}/{name}"),
            (Some(path), None) => path,
            (None, Some(name)) => name,
            (None, None) => return Ok(unknown()),
        };
        let is_folder = kind.to_lowercase().starts_with('d');
        if is_folder || call.name == "mkdir" || is_registry(&path) {
            return Ok(one(path));
        }
        let content = bound.items(&["Value", "Target"]);
        let content = if content.is_empty() {
            call.input.as_deref().map(lines)
        } else {
            Some(lines(&content))
        };
        // An empty file changes nothing if there is none yet.
        if content.is_some() {
            self.runner
                .write(&call.argv, &path, content.as_deref(), Way::Replace)?;
        }
        Ok(one(path))
    }

    /// `Get-Content`.
    pub(super) fn content(&mut self, call: &Call, bound: &Bound) -> Values {
        let mut paths = bound.texts(PATHS);
        if paths.is_empty() {
            paths = texts(&call.passed());
        }
        let scene = self.runner.scene();
        let contents = paths.iter().map(|path| match scene.file(path) {
            Some(text) => Value::text(text),
            None => Value::unknown(),
        });
        contents.collect()
    }

    /// `Join-Path` and `Split-Path`.
    pub(super) fn path_of(&mut self, call: &Call, bound: &Bound) -> Values {
        let mut paths = bound.texts(PATHS);
        if paths.is_empty() {
            paths = texts(&call.passed());
        }
        if call.name == "join-path" {
            let children = bound.texts(&["ChildPath", "AdditionalChildPath"]);
            let joined = paths.iter().map(|path| {
                let parts =
                    std::iter::once(path.as_str()).chain(children.iter().map(String::as_str));
                Value::text(parts.collect::<Vec<_>>().join("/"))
            });
            return joined.collect();
        }
        let is_last = bound.has_any(&["Leaf", "LeafBase", "Extension"]);
        let parts = paths.iter().map(|path| {
            if is_last {
                return Value::text(last(path));
            }
            let bare = path.trim_end_matches(['/', '\\']);
            let parent = bare.rsplit_once(['/', '\\']).map(|(parent, _)| parent);
            Value::text(parent.unwrap_or_default())
        });
        parts.collect()
    }

    /// `Set-Location`, `Push-Location`, `Pop-Location`.
    pub(super) fn change_folder(&mut self, call: &Call, bound: &Bound) {
        let scene = self.runner.scene_mut();
        if call.name == "pop-location" {
            return scene.leave();
        }
        if call.name == "push-location" {
            scene.push_folder();
        }
        let folder = bound.items(PATHS);
        if !folder.is_empty() {
            scene.enter(Some(&first(&folder)));
        }
    }
}

/// Returns paths with one of these names in the folders, or in any folder below.
fn below(folders: &[String], kinds: &[String]) -> Vec<String> {
    folders
        .iter()
        .flat_map(|folder| within(folder, kinds))
        .collect()
}

fn within(folder: &str, kinds: &[String]) -> Vec<String> {
    let folder = folder.trim_end_matches(['/', '\\', '*']);
    let folder = folder.trim_end_matches(['/', '\\']);
    kinds
        .iter()
        .map(|kind| format!("{folder}/**/{kind}"))
        .collect()
}

/// Returns the path with this name in the folder of the first of these.
fn sibling(paths: &[String], name: &str) -> String {
    let folder = paths.first().and_then(|path| path.rsplit_once(['/', '\\']));
    folder.map_or_else(|| name.to_owned(), |(folder, _)| format!("{folder}/{name}"))
}

fn last(path: &str) -> &str {
    let path = path.trim_end_matches(['/', '\\']);
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

/// Whether the path is in the registry.
pub(super) fn is_registry(path: &str) -> bool {
    let path = path.to_lowercase();
    let path = path
        .strip_prefix("microsoft.powershell.core\\")
        .unwrap_or(&path);
    ["hklm:", "hkcu:", "hkcr:", "hku:", "hkcc:", "registry::"]
        .iter()
        .any(|drive| path.starts_with(drive))
}

/// Returns the path without its provider. Returns `None` if it is not on a disk, such as a variable
/// or an alias.
fn on_disk(path: &str) -> Option<String> {
    if let Some((provider, rest)) = path.split_once("::") {
        let is_file = provider.to_lowercase().ends_with("filesystem");
        return is_file.then(|| rest.to_owned());
    }
    let drive = path.split_once(':').map(|(drive, _)| drive.to_lowercase());
    let others = ["env", "variable", "function", "alias", "cert", "wsman"];
    match drive {
        Some(drive) if others.contains(&drive.as_str()) => None,
        _ => Some(path.to_owned()),
    }
}
