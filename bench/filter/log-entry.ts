/** One logged request. Used again for each entry: what is to be kept is to be copied. */
export class LogEntry {
  /** Address of the client that holds the connection, without its port. */
  client = "";
  /** The first URI in the client's certificate. */
  principal = "";
  /** "ip:port" of the host that Envoy chose. */
  upstream = "";
  cluster = "";
  /** envoy.config.core.v3.RequestMethod. */
  method = 0;
  path = "";
  status = 0;
  /** grpc-status out of the trailers or headers that are logged; -1 where there is none. */
  grpcStatus = -1;
  micros = 0;
  /** Bit n is set for field n of ResponseFlags. */
  flags = 0;

  clear(): void {
    this.client = this.principal = this.upstream = this.cluster = this.path = "";
    this.method = this.status = this.micros = this.flags = 0;
    this.grpcStatus = -1;
  }
}
