//! The languages of scripts, and how their interpreters and texts differ.

/// A language whose scripts are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    /// Python 2 and 3.
    Python,
    /// JavaScript and TypeScript, under Node, Deno or Bun.
    JavaScript,
    /// Perl 5.
    Perl,
    /// Ruby.
    Ruby,
    /// PHP.
    Php,
    /// Lua.
    Lua,
    /// What `osascript` runs.
    AppleScript,
    /// The language of `awk` and its relatives.
    Awk,
    /// PowerShell, on Windows and elsewhere.
    PowerShell,
    /// Batch scripts, run by `cmd` on Windows.
    Cmd,
}

impl Language {
    /// The language of the scripts that a command of this name runs.
    pub(crate) fn run_by(name: &str) -> Option<Self> {
        let stem = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
        Some(match stem {
            "python" | "pypy" | "ipython" => Self::Python,
            "node" | "nodejs" | "deno" | "bun" | "tsx" | "ts-node" => Self::JavaScript,
            "perl" => Self::Perl,
            "ruby" => Self::Ruby,
            "php" => Self::Php,
            "lua" | "luajit" => Self::Lua,
            "osascript" => Self::AppleScript,
            "awk" | "gawk" | "mawk" | "nawk" => Self::Awk,
            "powershell" | "pwsh" | "pwsh-preview" => Self::PowerShell,
            "cmd" => Self::Cmd,
            _ => return None,
        })
    }

    /// The language of a script with this name, if Windows can start it by its name.
    pub(crate) fn of_file(name: &str) -> Option<Self> {
        let (_, extension) = name.rsplit_once('.')?;
        match extension.to_ascii_lowercase().as_str() {
            "ps1" => Some(Self::PowerShell),
            "bat" | "cmd" => Some(Self::Cmd),
            _ => None,
        }
    }

    /// Whether the value of this option is a script.
    pub(crate) fn takes_inline(self, option: &str) -> bool {
        let is_cluster = option.starts_with('-') && !option.starts_with("--");
        match self {
            Self::Python => is_cluster && option.ends_with('c'),
            Self::Perl => is_cluster && !is_library(option) && option.ends_with(['e', 'E']),
            Self::Ruby => is_cluster && !is_library(option) && option.ends_with('e'),
            Self::JavaScript => {
                matches!(option, "-e" | "--eval" | "-p" | "--print" | "-pe" | "eval")
                    || option.starts_with("--eval=")
            }
            Self::Php => matches!(option, "-r" | "--run"),
            Self::Lua | Self::AppleScript => option == "-e",
            Self::Awk | Self::PowerShell | Self::Cmd => false,
        }
    }

    /// Whether this option takes a value that is no script.
    pub(crate) fn takes_value(self, option: &str) -> bool {
        match self {
            Self::Python => matches!(option, "-W" | "-X"),
            Self::JavaScript => matches!(option, "-r" | "--require" | "--import" | "--loader"),
            Self::Perl | Self::Ruby => matches!(option, "-I" | "-r" | "-C"),
            Self::Php => matches!(option, "-d" | "-c"),
            Self::AppleScript | Self::Lua => matches!(option, "-l"),
            Self::Awk => matches!(option, "-v" | "-F" | "-f"),
            Self::PowerShell | Self::Cmd => false,
        }
    }

    /// The signs that begin a comment to the end of the line.
    pub(crate) fn comments(self) -> &'static [&'static str] {
        match self {
            Self::Python | Self::Perl | Self::Ruby | Self::Awk | Self::PowerShell => &["#"],
            Self::JavaScript => &["//"],
            Self::Php => &["//", "#"],
            Self::Lua | Self::AppleScript => &["--"],
            Self::Cmd => &["::"],
        }
    }

    /// Whether a text in backticks is a command.
    pub(crate) fn has_command_quotes(self) -> bool {
        matches!(self, Self::Perl | Self::Ruby | Self::Php)
    }

    /// Whether a string may continue past the end of its line.
    pub(crate) fn has_long_texts(self) -> bool {
        !matches!(self, Self::Python | Self::JavaScript)
    }

    /// Whether a call needs no parentheses.
    pub(crate) fn has_bare_calls(self) -> bool {
        matches!(
            self,
            Self::Perl | Self::Ruby | Self::Lua | Self::AppleScript | Self::Awk
        )
    }
}

const SHELLS: &[&str] = &[
    "sh", "bash", "zsh", "dash", "ksh", "ksh93", "mksh", "ash", "fish", "rbash", "csh", "tcsh",
    "nu", "xonsh",
];

/// Whether a command of this name is a shell.
pub(super) fn is_shell(name: &str) -> bool {
    SHELLS.contains(&name)
}

/// Whether a command of this name runs scripts of another language.
pub(crate) fn is_interpreter(name: &str) -> bool {
    Language::run_by(name).is_some_and(|language| language != Language::Awk)
}

/// Whether the option names a library (`-MFile::Path`, `-rfileutils`), whatever its last letter is.
fn is_library(option: &str) -> bool {
    option.len() > 2 && option[1..].starts_with(['M', 'm', 'I', 'r'])
}
