//! Sets how the system treats a caller's connection.

use std::io;
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use tokio::net::TcpStream;

/// TCP keepalive: the caller is probed after this long without a byte, and again at the same interval. After four
/// probes without an answer the connection is broken.
const KEEPALIVE: Duration = Duration::from_secs(60);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(15);
const KEEPALIVE_RETRIES: u32 = 4;

/// Sets the connection to send at once, and to end if the caller is gone or takes none of the sent bytes for as long
/// as `caller_timeout`. If the system refuses one of these, the connection works without it.
pub(super) fn prepare(connection: &TcpStream, caller_timeout: Duration) {
    let prepared = prompt(connection).and_then(|()| mortal(connection, caller_timeout));
    if let Err(error) = prepared {
        tracing::debug!("a connection keeps the system's defaults: {error}");
    }
}

/// Sends each frame at once. Otherwise a frame would wait until the one before it is acknowledged, which takes 40 ms
/// if the caller's system delays acknowledgements.
fn prompt(connection: &TcpStream) -> io::Result<()> {
    connection.set_nodelay(true)
}

fn mortal(connection: &TcpStream, caller_timeout: Duration) -> io::Result<()> {
    let socket = SockRef::from(connection);
    let keepalive = TcpKeepalive::new()
        .with_time(KEEPALIVE)
        .with_interval(KEEPALIVE_INTERVAL)
        .with_retries(KEEPALIVE_RETRIES);
    socket.set_tcp_keepalive(&keepalive)?;
    #[cfg(target_os = "linux")]
    socket.set_tcp_user_timeout(Some(caller_timeout))?;
    #[cfg(not(target_os = "linux"))]
    let _ = caller_timeout;
    Ok(())
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn a_connection_sends_at_once_and_notices_that_its_caller_is_gone() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (_caller, accepted) = tokio::join!(TcpStream::connect(address), listener.accept());
        let (connection, _) = accepted.unwrap();
        prepare(&connection, Duration::from_secs(7));
        assert!(connection.nodelay().unwrap());
        let socket = SockRef::from(&connection);
        assert!(socket.keepalive().unwrap());
        #[cfg(target_os = "linux")]
        assert_eq!(
            socket.tcp_user_timeout().unwrap(),
            Some(Duration::from_secs(7))
        );
    }
}
