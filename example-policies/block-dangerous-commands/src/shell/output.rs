//! What a command prints, where its text tells.

use super::{Shell, ansi};
use crate::marks::{self, DOWNLOAD, GATEWAY};
use crate::options::Options;
use crate::path::base_name;
use crate::rules;

/// Commands that pass on what they read, in some form.
const FILTERS: &[&str] = &[
    "sed", "awk", "gawk", "grep", "egrep", "rg", "tr", "cut", "sort", "uniq", "gunzip", "zcat",
    "gzip", "xz", "xzcat", "bunzip2", "bzip2", "zstd", "zstdcat", "openssl", "gpg", "rev",
    "dos2unix", "pv", "envsubst", "tac", "nl", "jq", "yq", "head", "tail", "uudecode", "xxd",
    "iconv", "fold", "column", "base64", "base32", "sponge", "less", "more", "strings",
];

impl Shell<'_> {
    /// What a command prints, and the files that it writes.
    pub(crate) fn output(&mut self, name: &str, argv: &[String], stdin: Option<&str>) -> String {
        let arguments = &argv[1..];
        match name {
            "echo" => echo(arguments),
            "printf" => printf(arguments),
            "pwd" => self.folder.text(),
            "yes" => format!("{}\n", arguments.join(" ")),
            "mktemp" => self.temporary(arguments),
            "which" => arguments.last().cloned().unwrap_or_default(),
            "dirname" | "basename" | "realpath" | "readlink" => part(name, arguments),
            "cat" | "tee" | "head" | "tail" => self.passed(name, arguments, stdin),
            "base64" | "gbase64" => self.decoded(arguments, stdin),
            "xxd" if arguments.iter().any(|flag| flag == "-r") => hex(stdin.unwrap_or_default()),
            "rev" => stdin.unwrap_or_default().chars().rev().collect(),
            "cp" | "mv" | "ln" | "install" => self.copied(arguments),
            "pgrep" | "pidof" if rules::names_gateway(arguments, self) => GATEWAY.to_string(),
            _ if rules::is_download(name, argv) => self.downloaded(name, arguments),
            "grep" | "egrep" | "awk" if picks_gateway(arguments, stdin, self) => {
                GATEWAY.to_string()
            }
            filter if FILTERS.contains(&filter) => self.filtered(arguments, stdin),
            _ => marks::unknown(),
        }
    }

    fn temporary(&self, arguments: &[String]) -> String {
        let options = Options::read(arguments, &["-p", "--tmpdir", "--suffix"]);
        match (options.value(&["-p"]), options.operands.first()) {
            (Some(folder), _) => format!("{folder}/{}", marks::UNKNOWN),
            (None, Some(template)) if template.contains('/') => (*template).to_owned(),
            (None, Some(template)) if !options.has(&["-t", "--tmpdir"]) => {
                format!("{}/{template}", self.folder.text())
            }
            _ => format!("/tmp/{}", marks::UNKNOWN),
        }
    }

    fn passed(&mut self, name: &str, arguments: &[String], stdin: Option<&str>) -> String {
        let options = Options::read(arguments, &["-n", "-c"]);
        let input = || stdin.map_or_else(marks::unknown, str::to_owned);
        if name == "tee" {
            let text = input();
            for file in &options.operands {
                self.store(file, &text, options.has(&["-a", "--append"]));
            }
            return text;
        }
        if options.operands.is_empty() {
            return input();
        }
        let mut text = String::new();
        for file in &options.operands {
            let part = match *file {
                "-" | "/dev/stdin" => input(),
                file => self.file(file).cloned().unwrap_or_else(marks::unknown),
            };
            super::walk::append(&mut text, &part);
        }
        text
    }

    /// A filter's output is like its input, and no more is known of it.
    fn filtered(&self, arguments: &[String], stdin: Option<&str>) -> String {
        match stdin {
            Some(text) => text.to_owned(),
            None => {
                let file = arguments.last().and_then(|name| self.file(name));
                file.cloned().unwrap_or_else(marks::unknown)
            }
        }
    }

    fn decoded(&mut self, arguments: &[String], stdin: Option<&str>) -> String {
        let text = self.filtered(arguments, stdin);
        let options = Options::read(arguments, &["-w", "-i"]);
        if options.has(&["-d", "-D", "--decode"]) && !marks::is_open(&text) {
            return base64(&text);
        }
        if options.has(&["-d", "-D", "--decode"]) || text.contains(DOWNLOAD) {
            return text;
        }
        marks::unknown()
    }

    /// A copy of a file is that file.
    fn copied(&mut self, arguments: &[String]) -> String {
        let options = Options::read(arguments, &["-m", "-o", "-g", "-t", "-S"]);
        if let [from, to] = options.operands.as_slice()
            && let Some(text) = self.file(from).cloned()
        {
            self.store(to, &text, false);
            self.store(&format!("{to}/{}", base_name(from)), &text, false);
        }
        String::new()
    }

    fn downloaded(&mut self, name: &str, arguments: &[String]) -> String {
        let text = DOWNLOAD.to_string();
        let files = rules::download_targets(name, arguments);
        if files.is_empty() {
            return text;
        }
        for file in files {
            if matches!(file.as_str(), "-" | "/dev/stdout") {
                return text;
            }
            self.store(&file, &text, false);
        }
        String::new()
    }
}

/// Whether it picks the gateway out of a list of processes.
fn picks_gateway(arguments: &[String], stdin: Option<&str>, shell: &Shell<'_>) -> bool {
    let names = &shell.rules.gateway_names;
    // `grep [s]luice` does not find itself.
    let has_name = |word: &String| {
        let word = word.replace(['[', ']'], "");
        names.iter().any(|name| word.contains(name.as_str()))
    };
    stdin.is_some_and(marks::is_open)
        && arguments.iter().any(has_name)
        && !arguments.iter().any(|flag| flag == "-v")
}

fn echo(arguments: &[String]) -> String {
    let is_flag =
        |word: &&String| matches!(word.as_str(), "-n" | "-e" | "-E" | "-ne" | "-en" | "-nE");
    let flags = arguments.iter().take_while(is_flag).count();
    let text = arguments[flags..].join(" ");
    if arguments[..flags].iter().any(|flag| flag.contains('e')) {
        return ansi::decode(&text);
    }
    text
}

/// What `printf` prints: its format once for each argument, or round of arguments.
pub(super) fn printf(arguments: &[String]) -> String {
    let skip = usize::from(arguments.first().is_some_and(|word| word == "--"));
    let Some((format, mut rest)) = arguments.get(skip..).and_then(<[String]>::split_first) else {
        return String::new();
    };
    let format: Vec<char> = ansi::decode(format).chars().collect();
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
                    'b' => out.push_str(&ansi::decode(argument)),
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

fn base64(text: &str) -> String {
    let mut bytes = Vec::new();
    let (mut bits, mut count) = (0u32, 0);
    for c in text.chars() {
        let value = match c {
            'A'..='Z' => c as u32 - 'A' as u32,
            'a'..='z' => c as u32 - 'a' as u32 + 26,
            '0'..='9' => c as u32 - '0' as u32 + 52,
            '+' | '-' => 62,
            '/' | '_' => 63,
            _ => continue,
        };
        bits = (bits << 6) | value;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex(text: &str) -> String {
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(16)).collect();
    let bytes = digits
        .chunks(2)
        .map(|pair| pair.iter().fold(0, |byte, digit| byte * 16 + digit) as u8);
    String::from_utf8_lossy(&bytes.collect::<Vec<u8>>()).into_owned()
}
