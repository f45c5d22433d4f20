/**
 * DNS (RFC 1035), over UDP and TCP. Each query has an id, by which its answer is found, in whatever order they come:
 *
 *     (none) --query--> WAITING --answer with its id--> counted: its rcode says whose fault it was, if any
 *                         |---another question with its id, 10 s, the end: no answer
 *     (none) --answer--> counted as one that nobody was seen to ask for
 *
 *     TCP, each side   LENGTH --length, header, question--> MESSAGE --passed--> LENGTH
 *                      a gap, or a length that cannot be: LOST --a segment that begins with a message--> LENGTH
 *
 * The answer to a transfer (AXFR) may be many messages, of which the first one counts. A query that is sent again is another one, as it
 * is to the server and its log; the first answer is that to the first, so its time is what the client waited. An answer that is truncated
 * is one, and the query over TCP that follows is another request. What goes to a multicast group (mDNS, LLMNR) is not counted, nor
 * is NetBIOS.
 */
import { Protocol } from "../../core/counters";
import { alsoDatagrams, register } from "../../packet/parsers";
import { close, detect, feed, gap } from "./connections";
import { detectDatagram, takeDatagram } from "./datagrams";

export const DNS: u32 = register(Protocol.DNS, detect, feed, gap, close);
alsoDatagrams(DNS, detectDatagram, takeDatagram);
