//! Recognises downloads and the files that they write.

use crate::options::Options;

const CURL_VALUED: &[&str] = &[
    "-o",
    "-H",
    "-X",
    "-d",
    "-u",
    "-A",
    "-e",
    "-b",
    "-c",
    "-F",
    "-T",
    "-x",
    "-w",
    "-m",
    "-r",
    "-E",
    "-K",
    "-C",
    "-D",
    "-U",
    "-Y",
    "-y",
    "-z",
    "-P",
    "-Q",
    "-t",
    "--output",
    "--header",
    "--request",
    "--data",
    "--url",
    "--retry",
    "--max-time",
    "--connect-timeout",
    "--user",
    "--proxy",
    "--output-dir",
    "--data-raw",
    "--data-binary",
    "--user-agent",
    "--cacert",
    "--retry-delay",
    "--form",
];

const WGET_VALUED: &[&str] = &[
    "-O",
    "-o",
    "-P",
    "-U",
    "-t",
    "-T",
    "-a",
    "-i",
    "-e",
    "-Q",
    "-w",
    "-A",
    "-R",
    "-D",
    "--output-document",
    "--directory-prefix",
    "--header",
    "--user-agent",
    "--tries",
    "--timeout",
    "--user",
    "--password",
    "--post-data",
];

/// Whether a command of this name, with these words, downloads something.
pub fn is_download(name: &str, argv: &[String]) -> bool {
    let second = argv.get(1).map(String::as_str);
    match name {
        "curl" | "wget" | "wget2" | "aria2c" | "lynx" | "http" | "https" | "httpie" | "xh"
        | "curlie" => {
            // A `file:` URL is on this machine, so it is no download.
            !argv.iter().any(|word| word.starts_with("file://"))
        }
        "fetch" | "GET" | "lwp-request" | "iwr" | "irm" | "Invoke-WebRequest"
        | "Invoke-RestMethod" => true,
        "gsutil" | "rclone" => second == Some("cat"),
        "aws" => second == Some("s3") && argv.last().is_some_and(|last| last == "-"),
        "gh" => second == Some("api") || second == Some("gist"),
        "certutil" | "bitsadmin" => argv.iter().any(|word| word.contains("://")),
        _ => false,
    }
}

/// Returns the files that a download writes. Returns nothing if it prints the download.
pub(crate) fn targets(name: &str, arguments: &[String]) -> Vec<String> {
    match name {
        "curl" => {
            let options = Options::read(arguments, CURL_VALUED);
            let mut files: Vec<String> = options
                .values(&["-o", "--output"])
                .map(str::to_owned)
                .collect();
            if options.has(&["-O", "--remote-name", "--remote-name-all"]) {
                files.extend(options.operands.iter().map(|url| last_of(url)));
            }
            files
        }
        "wget" | "wget2" => {
            let options = Options::read(arguments, WGET_VALUED);
            match options.value(&["-O", "--output-document"]) {
                Some(file) => vec![file.to_owned()],
                None => {
                    let folder = options.value(&["-P", "--directory-prefix"]);
                    let urls = options.operands.iter().map(|url| last_of(url));
                    urls.map(|file| {
                        folder.map_or(file.clone(), |folder| format!("{folder}/{file}"))
                    })
                    .collect()
                }
            }
        }
        "aria2c" => {
            let options = Options::read(arguments, &["-o", "-d", "-x", "-s"]);
            match options.value(&["-o"]) {
                Some(file) => vec![file.to_owned()],
                None => options.operands.iter().map(|url| last_of(url)).collect(),
            }
        }
        // The file comes last, behind the address.
        "certutil" | "bitsadmin" => arguments.last().cloned().into_iter().collect(),
        _ => Vec::new(),
    }
}

fn last_of(url: &str) -> String {
    let path = url.split(['?', '#']).next().unwrap_or(url);
    path.trim_end_matches('/')
        .rsplit('/')
        .next()
        .unwrap_or(path)
        .to_owned()
}
