//! Decides whether a `git checkout` overwrites files, because branches and files are named by the
//! same words.

use sluice_policy_shell::Options;

/// Ends of names that files have and branches do not.
const EXTENSIONS: &[&str] = &[
    "bash", "c", "cc", "cfg", "clj", "conf", "cpp", "cs", "css", "csv", "cxx", "dart", "elm",
    "env", "erl", "ex", "exs", "go", "gradle", "graphql", "h", "hpp", "hs", "html", "ini", "ipynb",
    "java", "jl", "js", "json", "jsx", "kt", "less", "lock", "lua", "m", "md", "mjs", "ml", "mod",
    "php", "pl", "proto", "ps1", "py", "pyi", "r", "rb", "rs", "rst", "scala", "scss", "sh", "sql",
    "sum", "svelte", "svg", "swift", "tf", "toml", "ts", "tsx", "txt", "vue", "xml", "yaml", "yml",
    "zig", "zsh",
];

const NAMES: &[&str] = &[
    "Makefile",
    "Dockerfile",
    "README",
    "LICENSE",
    "Gemfile",
    "Cargo.toml",
    ".gitignore",
    ".env",
];

/// Whether this checkout throws uncommitted changes away.
pub(super) fn overwrites(options: &Options<'_>) -> bool {
    if options.has(&["-f", "--force"]) {
        return true;
    }
    // These pick a side of a conflict, ask for each change, or only show or create something.
    let is_mild = options.has(&[
        "--ours", "--theirs", "-p", "--patch", "-b", "-B", "--orphan", "-t", "--track", "--detach",
    ]);
    let operands = &options.operands;
    if options.dashes {
        return !is_mild && operands.len() > options.before_dashes;
    }
    if is_mild {
        return false;
    }
    match operands.as_slice() {
        [] => false,
        [only] => is_file(only),
        // The first operand may be a branch or a file. Those behind it can only be files.
        _ => true,
    }
}

fn is_file(text: &str) -> bool {
    if text == "." || text.starts_with(['.', '/', ':', '*', '~']) || text.ends_with('/') {
        return true;
    }
    let name = text.rsplit('/').next().unwrap_or(text);
    let extension = name.rsplit_once('.').map(|(_, extension)| extension);
    NAMES.contains(&name)
        || text.contains('*')
        || extension.is_some_and(|extension| EXTENSIONS.contains(&extension))
}
