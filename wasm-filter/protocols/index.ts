/**
 * The protocols that the tap knows, a line each. Where two might take the same first bytes for theirs, the one that looks
 * closer stands first.
 */
import "./http2/index";
import "./http/index";
import "./postgresql/index";
import "./mysql/index";
import "./mongodb/index";
import "./amqp/index";
import "./redis/index";
import "./dns/index";
import "./tls/index";
