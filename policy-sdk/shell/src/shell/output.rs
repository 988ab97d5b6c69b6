//! Works out what a command prints, if its text tells.

use crate::downloads::is_download;
use crate::marks::{self, DOWNLOAD};
use crate::options::Options;
use crate::scene::{Scene, append};
use crate::watch::Command;
use crate::{base64, escapes};

/// Commands that pass on their input in some form.
const FILTERS: &[&str] = &[
    "sed", "awk", "gawk", "grep", "egrep", "rg", "tr", "cut", "sort", "uniq", "gunzip", "zcat",
    "gzip", "xz", "xzcat", "bunzip2", "bzip2", "zstd", "zstdcat", "openssl", "gpg", "rev",
    "dos2unix", "pv", "envsubst", "tac", "nl", "jq", "yq", "head", "tail", "uudecode", "xxd",
    "iconv", "fold", "column", "base64", "base32", "sponge", "less", "more", "strings",
];

/// A command whose output is worked out, and what is known where it runs.
pub(super) struct Printing<'c> {
    pub(super) command: Command<'c>,
    pub(super) scene: &'c Scene,
    /// Whether it writes files.
    pub(super) has_written: bool,
}

impl Printing<'_> {
    /// Returns what the command prints.
    pub(super) fn text(&self) -> String {
        let Command { name, argv, stdin } = self.command;
        let arguments = &argv[1..];
        match name {
            "echo" => echo(arguments),
            "printf" => printf(arguments),
            "pwd" => self.scene.folder().text(),
            "yes" => format!("{}\n", arguments.join(" ")),
            "mktemp" => self.temporary(),
            "which" => arguments.last().cloned().unwrap_or_default(),
            "dirname" | "basename" | "realpath" | "readlink" => part(name, arguments),
            "tee" => self.input(),
            "cat" | "head" | "tail" => self.passed(),
            "base64" | "gbase64" => self.decoded(arguments),
            "openssl" if is_base64(arguments) => self.decoded(&["-d".to_owned()]),
            "xxd" if arguments.iter().any(|flag| flag == "-r") => hex(stdin.unwrap_or_default()),
            "rev" => stdin.unwrap_or_default().chars().rev().collect(),
            "cp" | "mv" | "ln" | "install" => String::new(),
            _ if is_download(name, argv) => {
                if self.has_written {
                    String::new()
                } else {
                    DOWNLOAD.to_string()
                }
            }
            filter if FILTERS.contains(&filter) => self.filtered(arguments),
            _ => marks::unknown(),
        }
    }

    fn input(&self) -> String {
        let input = self.command.stdin;
        input.map_or_else(marks::unknown, str::to_owned)
    }

    fn temporary(&self) -> String {
        let options = Options::read(&self.command.argv[1..], &["-p", "--tmpdir", "--suffix"]);
        match (options.value(&["-p"]), options.operands.first()) {
            (Some(folder), _) => format!("{folder}/{}", marks::UNKNOWN),
            (None, Some(template)) if template.contains('/') => (*template).to_owned(),
            (None, Some(template)) if !options.has(&["-t", "--tmpdir"]) => {
                format!("{}/{template}", self.scene.folder().text())
            }
            _ => format!("/tmp/{}", marks::UNKNOWN),
        }
    }

    fn passed(&self) -> String {
        let options = Options::read(&self.command.argv[1..], &["-n", "-c"]);
        if options.operands.is_empty() {
            return self.input();
        }
        let mut text = String::new();
        for file in &options.operands {
            let part = match *file {
                "-" | "/dev/stdin" => self.input(),
                file => self.stored(file),
            };
            append(&mut text, &part);
        }
        text
    }

    fn stored(&self, file: &str) -> String {
        let text = self.scene.file(file);
        text.map_or_else(marks::unknown, str::to_owned)
    }

    /// Returns the output of a filter: like its input, and otherwise unknown.
    fn filtered(&self, arguments: &[String]) -> String {
        match self.command.stdin {
            Some(text) => text.to_owned(),
            None => match arguments.last() {
                Some(file) => self.stored(file),
                None => marks::unknown(),
            },
        }
    }

    fn decoded(&self, arguments: &[String]) -> String {
        let text = self.filtered(arguments);
        let options = Options::read(arguments, &["-w", "-i"]);
        if options.has(&["-d", "-D", "--decode"]) && !marks::is_open(&text) {
            return base64::text(&text);
        }
        if options.has(&["-d", "-D", "--decode"]) || text.contains(DOWNLOAD) {
            return text;
        }
        marks::unknown()
    }
}

/// `openssl base64 -d`, `openssl enc -base64 -d`.
fn is_base64(arguments: &[String]) -> bool {
    let has = |names: &[&str]| arguments.iter().any(|word| names.contains(&word.as_str()));
    has(&["base64", "-base64", "-a"]) && has(&["-d"])
}

fn echo(arguments: &[String]) -> String {
    let is_flag =
        |word: &&String| matches!(word.as_str(), "-n" | "-e" | "-E" | "-ne" | "-en" | "-nE");
    let flags = arguments.iter().take_while(is_flag).count();
    let text = arguments[flags..].join(" ");
    if arguments[..flags].iter().any(|flag| flag.contains('e')) {
        return escapes::decode(&text);
    }
    text
}

/// Returns what `printf` prints: its format once for each round of arguments.
pub(super) fn printf(arguments: &[String]) -> String {
    let skip = usize::from(arguments.first().is_some_and(|word| word == "--"));
    let Some((format, mut rest)) = arguments.get(skip..).and_then(<[String]>::split_first) else {
        return String::new();
    };
    let format: Vec<char> = escapes::decode(format).chars().collect();
    let mut out = String::new();
    for _ in 0..16 {
        let before = rest.len();
        let mut at = 0;
        while at < format.len() {
            let c = format[at];
            at += 1;
            if c != '%' {
                out.push(c);
                continue;
            }
            let end =
                (at..format.len()).find(|&i| format[i].is_ascii_alphabetic() || format[i] == '%');
            let Some(end) = end else { break };
            at = end + 1;
            if format[end] == '%' {
                out.push('%');
            } else if let Some((argument, left)) = rest.split_first() {
                match format[end] {
                    'b' => out.push_str(&escapes::decode(argument)),
                    _ => out.push_str(argument),
                }
                rest = left;
            }
        }
        if rest.is_empty() || rest.len() == before {
            break;
        }
    }
    out
}

fn part(name: &str, arguments: &[String]) -> String {
    let Some(path) = arguments.iter().find(|word| !word.starts_with('-')) else {
        return marks::unknown();
    };
    match name {
        "basename" => {
            let base = path
                .trim_end_matches('/')
                .rsplit('/')
                .next()
                .unwrap_or(path);
            let suffix = arguments.last().filter(|last| *last != path);
            suffix
                .and_then(|suffix| base.strip_suffix(suffix.as_str()))
                .unwrap_or(base)
                .to_owned()
        }
        "dirname" => match path.trim_end_matches('/').rsplit_once('/') {
            Some(("", _)) => "/".to_owned(),
            Some((folder, _)) => folder.to_owned(),
            None if marks::is_open(path) => marks::unknown(),
            None => ".".to_owned(),
        },
        _ => path.clone(),
    }
}

fn hex(text: &str) -> String {
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(16)).collect();
    let bytes = digits
        .chunks(2)
        .map(|pair| pair.iter().fold(0, |byte, digit| byte * 16 + digit) as u8);
    marks::neutral(&String::from_utf8_lossy(&bytes.collect::<Vec<u8>>())).into_owned()
}
