//! As much HTTP/1.1 as two programs on one machine need, with one request per connection.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Long enough for a reply that is held while it is judged.
const PATIENCE: Duration = Duration::from_secs(60);

/// A request as it was received, or a response.
pub(super) struct Received {
    /// The request line or the status line.
    pub(super) start: String,
    pub(super) body: Vec<u8>,
}

impl Received {
    /// Reads one from a connection.
    pub(super) fn read(connection: &TcpStream) -> io::Result<Self> {
        connection.set_read_timeout(Some(PATIENCE))?;
        let mut reader = BufReader::new(connection);
        let start = line(&mut reader)?;
        let mut length = None;
        let mut chunked = false;
        loop {
            let header = line(&mut reader)?;
            if header.is_empty() {
                break;
            }
            let (name, value) = header.split_once(':').unwrap_or((&header, ""));
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.trim().parse().ok(),
                "transfer-encoding" => chunked = true,
                _ => {}
            }
        }
        let mut body = Vec::new();
        match length {
            _ if chunked => chunks(&mut reader, &mut body)?,
            Some(length) => drop(reader.take(length).read_to_end(&mut body)?),
            // A request without a length has no body. A response ends with its connection.
            None if start.starts_with("HTTP/") => drop(reader.read_to_end(&mut body)?),
            None => {}
        }
        Ok(Self { start, body })
    }

    /// The status of a response.
    pub(super) fn status(&self) -> Option<u16> {
        self.start.split(' ').nth(1)?.parse().ok()
    }
}

fn line(reader: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(line.trim_end().to_owned())
}

fn chunks(reader: &mut impl BufRead, body: &mut Vec<u8>) -> io::Result<()> {
    loop {
        let length = line(reader)?;
        let length = u64::from_str_radix(length.split(';').next().unwrap_or_default(), 16);
        let length = length.map_err(|_| io::ErrorKind::InvalidData)?;
        if length == 0 {
            return Ok(());
        }
        reader.take(length).read_to_end(body)?;
        line(reader)?;
    }
}

/// Sends a request and reads the response to its end.
pub(super) fn send(address: SocketAddr, start: &str, body: &str) -> io::Result<Received> {
    let mut connection = TcpStream::connect(address)?;
    write!(
        connection,
        "{start} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\
         x-api-key: sk-ant-demo-not-a-key\r\nanthropic-version: 2023-06-01\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )?;
    Received::read(&connection)
}

/// Answers with one JSON text.
pub(super) fn answer(connection: &mut TcpStream, status: &str, json: &str) -> io::Result<()> {
    write!(
        connection,
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\nconnection: close\r\n\
         request-id: req_simulated\r\n\
         content-length: {}\r\n\r\n{json}",
        json.len()
    )
}

/// Answers with a stream of events. The last one ends it.
pub(super) fn stream(
    connection: &mut TcpStream,
    frames: impl Iterator<Item = String>,
    pause: Duration,
) -> io::Result<()> {
    connection.write_all(
        b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\
          request-id: req_simulated\r\ntransfer-encoding: chunked\r\n\r\n",
    )?;
    for frame in frames {
        write!(connection, "{:x}\r\n{frame}\r\n", frame.len())?;
        connection.flush()?;
        std::thread::sleep(pause);
    }
    connection.write_all(b"0\r\n\r\n")
}
