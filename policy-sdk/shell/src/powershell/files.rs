//! Follows cmdlets that find, delete and write files.

use super::binding::Bound;
use super::command::Call;
use super::operators::first;
use super::value::{Value, Values, lines, one, texts, unknown};
use crate::halt::Outcome;
use crate::marks;
use crate::path::base_name;
use crate::runner::Runner;
use crate::scene::Scene;
use crate::writes::Way;

const PATHS: &[&str] = &["Path", "LiteralPath"];

/// A call of a cmdlet that finds, deletes or writes files.
pub(super) struct Files<'c> {
    pub(super) call: &'c Call,
    pub(super) bound: &'c Bound,
}

impl Files<'_> {
    /// `Remove-Item`.
    pub(super) fn remove_item(&self, runner: &mut dyn Runner) -> Outcome<Values> {
        let mut paths = self.bound.texts(PATHS);
        if paths.is_empty() {
            paths = texts(&self.call.passed());
        }
        if paths.is_empty() && self.bound.is_open {
            paths.push(marks::unknown());
        }
        let is_recursive = self.bound.has("Recurse") || self.bound.is_open;
        let kinds = self.bound.texts(&["Include", "Filter"]);
        if is_recursive && !kinds.is_empty() {
            paths = below(&paths, &kinds);
        }
        let removal = Removal {
            name: &self.call.argv[..1],
            paths: &paths,
            is_recursive,
        };
        removal.report(runner)?;
        Ok(Values::new())
    }

    /// `Get-ChildItem`: the content of folders, or of all folders below.
    pub(super) fn children(&self) -> Values {
        let mut folders = self.bound.texts(PATHS);
        if folders.is_empty() {
            folders = match &self.call.input {
                Some(items) => texts(items),
                None => vec![".".to_owned()],
            };
        }
        let kinds = self.bound.texts(&["Include", "Filter"]);
        let kinds = if kinds.is_empty() {
            vec!["*".to_owned()]
        } else {
            kinds
        };
        let is_recursive = self.bound.has_any(&["Recurse", "Depth"]);
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
    pub(super) fn write_content(&self, runner: &mut dyn Runner) -> Outcome<Values> {
        let content = match self.call.name.as_str() {
            "clear-content" => Some(String::new()),
            _ if self.bound.has_any(&["Value", "InputObject"]) => {
                Some(lines(&self.bound.items(&["Value", "InputObject"])))
            }
            _ => self.call.input.as_deref().map(lines),
        };
        let is_added = self.call.name == "add-content" || self.bound.has("Append");
        let way = if is_added { Way::Append } else { Way::Replace };
        for target in self.bound.texts(&["FilePath", "Path", "LiteralPath"]) {
            if let Some(target) = on_disk(&target) {
                runner.write(&self.call.argv, &target, content.as_deref(), way)?;
            }
        }
        Ok(match self.call.name.as_str() {
            "tee-object" => self.call.passed(),
            _ => Values::new(),
        })
    }

    /// `Copy-Item`, `Move-Item`, `Rename-Item`.
    pub(super) fn copy(&self, runner: &mut dyn Runner) -> Outcome<Values> {
        let mut sources = self.bound.texts(PATHS);
        if sources.is_empty() {
            sources = texts(&self.call.passed());
        }
        let name = self.bound.text(&["NewName"]);
        let to = match (self.bound.text(&["Destination"]), name) {
            (Some(to), _) => to,
            (None, Some(name)) => sibling(&sources, &name),
            (None, None) => ".".to_owned(),
        };
        if self.bound.has_any(&["ToSession", "FromSession"]) {
            return Ok(Values::new());
        }
        let told = match self.call.name.as_str() {
            "copy-item" => "cp",
            _ => "mv",
        };
        let words = sources.iter().chain([&to]).cloned();
        let argv: Vec<String> = self
            .call
            .argv
            .iter()
            .take(1)
            .cloned()
            .chain(words)
            .collect();
        runner.report(told, &argv)?;
        for source in &sources {
            let content = runner.scene().file(source).map(str::to_owned);
            let inside = format!("{}/{}", to.trim_end_matches(['/', '\\']), last(source));
            for target in [to.clone(), inside] {
                runner.write(&self.call.argv, &target, content.as_deref(), Way::Replace)?;
            }
        }
        Ok(one(to))
    }

    /// `New-Item`: a file, a folder, a link.
    pub(super) fn new_item(&self, runner: &mut dyn Runner) -> Outcome<Values> {
        let kind = self.bound.text(&["ItemType", "Type"]).unwrap_or_default();
        let folder = self.bound.text(&["Path"]);
        let path = match (folder, self.bound.text(&["Name"])) {
            (Some(folder), Some(name)) => format!("{folder}/{name}"),
            (Some(path), None) => path,
            (None, Some(name)) => name,
            (None, None) => return Ok(unknown()),
        };
        let is_folder = kind.to_lowercase().starts_with('d');
        if is_folder || self.call.name == "mkdir" || is_registry(&path) {
            return Ok(one(path));
        }
        let content = self.bound.items(&["Value", "Target"]);
        let content = if content.is_empty() {
            self.call.input.as_deref().map(lines)
        } else {
            Some(lines(&content))
        };
        // An empty file changes nothing if there is none yet.
        if content.is_some() {
            runner.write(&self.call.argv, &path, content.as_deref(), Way::Replace)?;
        }
        Ok(one(path))
    }

    /// `Get-Content`.
    pub(super) fn content(&self, scene: &Scene) -> Values {
        let mut paths = self.bound.texts(PATHS);
        if paths.is_empty() {
            paths = texts(&self.call.passed());
        }
        let contents = paths.iter().map(|path| match scene.file(path) {
            Some(text) => Value::text(text),
            None => Value::unknown(),
        });
        contents.collect()
    }

    /// `Join-Path` and `Split-Path`.
    pub(super) fn path_of(&self) -> Values {
        let mut paths = self.bound.texts(PATHS);
        if paths.is_empty() {
            paths = texts(&self.call.passed());
        }
        if self.call.name == "join-path" {
            let children = self.bound.texts(&["ChildPath", "AdditionalChildPath"]);
            let joined = paths.iter().map(|path| {
                let parts =
                    std::iter::once(path.as_str()).chain(children.iter().map(String::as_str));
                Value::text(parts.collect::<Vec<_>>().join("/"))
            });
            return joined.collect();
        }
        let is_last = self.bound.has_any(&["Leaf", "LeafBase", "Extension"]);
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
    pub(super) fn change_folder(&self, scene: &mut Scene) {
        if self.call.name == "pop-location" {
            return scene.leave();
        }
        if self.call.name == "push-location" {
            scene.push_folder();
        }
        let folder = self.bound.items(PATHS);
        if !folder.is_empty() {
            scene.enter(Some(&first(&folder)));
        }
    }
}

/// Paths that are deleted.
pub(super) struct Removal<'p> {
    /// What deletes them.
    pub(super) name: &'p [String],
    pub(super) paths: &'p [String],
    pub(super) is_recursive: bool,
}

impl Removal<'_> {
    /// Reports the paths as `rm` would delete them, so that a policy needs only one rule.
    pub(super) fn report(&self, runner: &dyn Runner) -> Outcome<()> {
        let (keys, paths): (Vec<String>, Vec<String>) = self
            .paths
            .iter()
            .cloned()
            .partition(|path| is_registry(path));
        for key in keys {
            let argv = ["reg", "delete", &key, "/f"].map(str::to_owned);
            runner.report("reg", &argv)?;
        }
        let paths: Vec<String> = paths
            .into_iter()
            .filter_map(|path| on_disk(&path))
            .collect();
        if paths.is_empty() {
            return Ok(());
        }
        let recursive = self.is_recursive.then(|| "-r".to_owned());
        let argv: Vec<String> = self
            .name
            .iter()
            .cloned()
            .chain(recursive)
            .chain(["--".to_owned()])
            .chain(paths)
            .collect();
        runner.report("rm", &argv)
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
