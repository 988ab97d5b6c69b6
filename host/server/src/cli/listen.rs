//! Listens on the address that agents connect to.

use std::io;
use std::net::SocketAddr;

use anyhow::Context as _;
use tokio::net::{TcpListener, TcpSocket, lookup_host};

/// The most connections that may wait to be accepted. If a fleet connects at once, those beyond it try again a second
/// later. The system's own bound (`net.core.somaxconn`, mostly 4,096) applies as well.
const BACKLOG: u32 = 4096;

/// Resolves `address`, a host and a port, and listens on the first result that is free.
pub(super) async fn listen(address: &str) -> anyhow::Result<TcpListener> {
    first(address)
        .await
        .with_context(|| format!("listen on {address}"))
}

async fn first(address: &str) -> io::Result<TcpListener> {
    let mut fault = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for address in lookup_host(address).await? {
        match bind(address) {
            Ok(listener) => return Ok(listener),
            Err(error) => fault = error,
        }
    }
    Err(fault)
}

fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    // A restart need not wait for the connections of the run before. Elsewhere it would let two listen.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

#[cfg(test)]
mod tests {
    use std::net::TcpStream;
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn hundreds_of_callers_can_wait_to_be_taken() {
        let listener = listen("localhost:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        // Nobody takes them.
        let wait = Duration::from_millis(500);
        let callers: Result<Vec<_>, _> = (0..400)
            .map(|_| TcpStream::connect_timeout(&address, wait))
            .collect();
        assert_eq!(callers.unwrap().len(), 400);
    }

    #[tokio::test]
    async fn an_address_that_is_taken_is_named() {
        let taken = listen("127.0.0.1:0").await.unwrap();
        let address = taken.local_addr().unwrap();
        let error = listen(&address.to_string()).await.unwrap_err();
        assert_eq!(error.to_string(), format!("listen on {address}"));
    }
}
