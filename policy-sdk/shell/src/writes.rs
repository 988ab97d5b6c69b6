//! Finds the files that a command writes, as far as its words tell.

use crate::downloads;
use crate::marks::{self, DOWNLOAD};
use crate::options::Options;
use crate::path::{Path, base_name};
use crate::scene::Scene;

/// What happens to the old text of a written file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// It is replaced.
    Replace,
    /// It is kept, and the new text is appended.
    Append,
    /// It is edited in place, as by `sed -i`.
    Edit,
}

/// A file that is written.
#[derive(Clone, Copy, Debug)]
pub struct Write<'a> {
    /// The words of the writing command. For a redirection, `>` and its target.
    pub argv: &'a [String],
    /// The file, as the command names it.
    pub target: &'a str,
    /// The resolved path of the file.
    pub path: &'a Path,
    /// What is written, with [marks] for unknown parts. `None` if none of it is known.
    pub content: Option<&'a str>,
    /// What happens to the old text.
    pub way: Way,
}

/// A file that a command writes.
pub(crate) struct Target {
    pub(crate) name: String,
    pub(crate) content: Option<String>,
    pub(crate) way: Way,
}

impl Target {
    fn new(name: impl Into<String>, way: Way) -> Self {
        Self {
            name: name.into(),
            content: None,
            way,
        }
    }

    /// Makes the report of this write.
    pub(crate) fn write<'a>(&'a self, argv: &'a [String], path: &'a Path) -> Write<'a> {
        let content = self.content.as_deref();
        Write {
            argv,
            target: &self.name,
            path,
            content: content.filter(|content| *content != marks::unknown()),
            way: self.way,
        }
    }

    fn holding(self, content: Option<String>) -> Self {
        Self { content, ..self }
    }
}

/// Returns the files that a command writes.
pub(crate) fn of(name: &str, argv: &[String], stdin: Option<&str>, scene: &Scene) -> Vec<Target> {
    let arguments = argv.get(1..).unwrap_or_default();
    match name {
        "tee" | "sponge" => {
            let options = Options::read(arguments, &[]);
            let way = if options.has(&["-a", "--append"]) {
                Way::Append
            } else {
                Way::Replace
            };
            let files = options.operands.iter();
            files
                .map(|file| Target::new(*file, way).holding(stdin.map(str::to_owned)))
                .collect()
        }
        "cp" | "mv" | "ln" | "install" | "gcp" | "gmv" | "ginstall" => {
            copies(arguments, stdin, scene)
        }
        "scp" | "rsync" => {
            let options = Options::read(arguments, &["-e", "-f", "-P", "-i", "-o", "-F"]);
            let target = options.operands.get(1..).and_then(<[&str]>::last);
            let local = target.filter(|target| !target.contains(':'));
            local
                .map(|target| Target::new(*target, Way::Replace))
                .into_iter()
                .collect()
        }
        "dd" | "dcfldd" | "dc3dd" => {
            let files = arguments.iter().filter_map(|word| word.strip_prefix("of="));
            let is_read = !arguments.iter().any(|word| word.starts_with("if="));
            let content = stdin.filter(|_| is_read);
            files
                .map(|file| Target::new(file, Way::Replace).holding(content.map(str::to_owned)))
                .collect()
        }
        "truncate" => {
            let options = Options::read(arguments, &["-s", "--size", "-r"]);
            let files = options.operands.iter();
            files.map(|file| Target::new(*file, Way::Replace)).collect()
        }
        "sort" => {
            let options = Options::read(arguments, &["-o", "--output", "-k", "-t", "-S", "-T"]);
            let files = options.values(&["-o", "--output"]);
            files.map(|file| Target::new(file, Way::Replace)).collect()
        }
        "sed" | "gsed" | "perl" | "ruby" | "yq" => edited(name, arguments),
        "ed" | "ex" => {
            let options = Options::read(arguments, &["-p", "-c"]);
            let files = options.operands.iter();
            files.map(|file| Target::new(*file, Way::Edit)).collect()
        }
        _ if downloads::is_download(name, argv) => {
            let files = downloads::targets(name, arguments).into_iter();
            files
                .filter(|file| !matches!(file.as_str(), "-" | "/dev/stdout"))
                .map(|file| Target::new(file, Way::Replace).holding(Some(DOWNLOAD.to_string())))
                .collect()
        }
        _ => Vec::new(),
    }
}

/// Returns the files that `cp` and similar commands make: under the given name, or in the folder of
/// that name.
fn copies(arguments: &[String], stdin: Option<&str>, scene: &Scene) -> Vec<Target> {
    let valued = [
        "-m",
        "-o",
        "-g",
        "-t",
        "-S",
        "--target-directory",
        "--mode",
        "--owner",
    ];
    let options = Options::read(arguments, &valued);
    if options.has(&["-d", "--directory"]) && !options.has(&["-a"]) {
        return Vec::new();
    }
    let folder = options.value(&["-t", "--target-directory"]);
    let (to, sources) = match (folder, options.operands.as_slice()) {
        (Some(folder), sources) => (folder, sources),
        (None, [only]) => (".", std::slice::from_ref(only)),
        (None, [sources @ .., to]) => (*to, sources),
        (None, []) => return Vec::new(),
    };
    let copy = |name: String, from: &str| {
        let content = match from {
            "/dev/stdin" => stdin,
            from => scene.file(from),
        };
        Target::new(name, Way::Replace).holding(content.map(str::to_owned))
    };
    let mut targets = Vec::new();
    if let (None, [from], false) = (folder, sources, to.ends_with('/') || to == ".") {
        targets.push(copy(to.to_owned(), from));
    }
    let inside = sources.iter().take(MOST_COPIES);
    let inside = inside.map(|from| {
        copy(
            format!("{}/{}", to.trim_end_matches('/'), base_name(from)),
            from,
        )
    });
    targets.extend(inside);
    targets
}

/// The most files named by one command. Further ones are assumed to be like them.
const MOST_COPIES: usize = 64;

/// Returns the files that are edited in place: the operands behind the script, unless an option
/// gives the script.
fn edited(name: &str, arguments: &[String]) -> Vec<Target> {
    let is_in_place = |word: &String| {
        word.starts_with("--in-place")
            || word.starts_with('-') && !word.starts_with("--") && word.contains('i')
    };
    if !arguments.iter().any(is_in_place) {
        return Vec::new();
    }
    let valued: &[&str] = match name {
        "perl" | "ruby" => &["-e", "-E", "-I", "-M"],
        _ => &["-e", "-f", "--expression", "--file"],
    };
    let options = Options::read(arguments, valued);
    let has_script = options.has(valued);
    let files = options.operands.iter().skip(usize::from(!has_script));
    files.map(|file| Target::new(*file, Way::Edit)).collect()
}
