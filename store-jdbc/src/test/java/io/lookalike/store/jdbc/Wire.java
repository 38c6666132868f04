package io.lookalike.store.jdbc;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Connections to a server that can be cut as a network is: nothing arrives any more on either side,
 * and neither side is told. What was on its way arrives when the wire is mended.
 */
final class Wire implements AutoCloseable {

  private final ServerSocket entrance;
  private final int exit;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final Object gate = new Object();
  private boolean cut;
  private volatile boolean closed;

  /** A wire to a port of this machine. */
  Wire(int exit) throws IOException {
    this.exit = exit;
    this.entrance = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    start(this::accept);
  }

  int port() {
    return entrance.getLocalPort();
  }

  void cut() {
    synchronized (gate) {
      cut = true;
    }
  }

  void mend() {
    synchronized (gate) {
      cut = false;
      gate.notifyAll();
    }
  }

  private void awaitMended() throws IOException {
    synchronized (gate) {
      while (cut && !closed) {
        try {
          gate.wait();
        } catch (InterruptedException e) {
          throw new IOException(e);
        }
      }
    }
  }

  private static void start(Runnable work) {
    var thread = new Thread(work, "wire");
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() {
    while (!closed) {
      try {
        Socket in = entrance.accept();
        sockets.add(in);
        start(() -> connect(in));
      } catch (IOException e) {
        // closed, or that one connection was not to be
      }
    }
  }

  private void connect(Socket in) {
    try {
      awaitMended();
      var out = new Socket(InetAddress.getLoopbackAddress(), exit);
      sockets.add(out);
      start(() -> pump(in, out));
      pump(out, in);
    } catch (IOException e) {
      end(in);
    }
  }

  private void pump(Socket from, Socket to) {
    byte[] bytes = new byte[1 << 14];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int read = in.read(bytes); read >= 0; read = in.read(bytes)) {
        awaitMended();
        out.write(bytes, 0, read);
      }
      awaitMended(); // the end is news, too
    } catch (IOException e) {
      // told by closing both
    } finally {
      end(from);
      end(to);
    }
  }

  private void end(Socket socket) {
    sockets.remove(socket);
    try {
      socket.close();
    } catch (IOException e) {
      // it is gone
    }
  }

  @Override
  public void close() throws IOException {
    closed = true;
    mend();
    entrance.close();
    sockets.forEach(this::end);
  }
}
