import { endpointNumber } from "../../core/endpoints";
import { Loss, lose, lossesEver } from "../../core/losses";
import { rpcTemplate, template, templateAt, templateIsKnown } from "../../core/routes/template";
import { recallEndpoint, rememberEndpoint } from "../../core/seen-paths";
import { CONNECT, EMPTY, OTHER, intern } from "../../core/strings";
import { serverOf } from "../../packet/accounts";
import { Flow } from "../../packet/flow";

/**
 * The endpoint of a request of any version of HTTP, as the filter names it.
 *
 * @param method Its string number; EMPTY for an RPC, whose path is its own template.
 */
export function httpEndpoint(flow: Flow, method: u32, path: usize, size: u32): u32 {
  const scope = serverOf(flow);
  const seen = recallEndpoint(scope, method, path, size);
  if (seen >= 0) return seen;
  const before = lossesEver();
  const route = method == CONNECT ? EMPTY : routeOf(scope, method, path, size);
  const endpoint = endpointNumber(scope, method, route, method != CONNECT && templateIsKnown());
  if (lossesEver() == before) rememberEndpoint(scope, method, path, size, endpoint);
  return endpoint;
}

function routeOf(scope: u32, method: u32, path: usize, size: u32): u32 {
  const length = method == EMPTY ? rpcTemplate(path, size, scope) : template(path, size, method, scope);
  const number = intern(templateAt(), length);
  if (number >= 0) return number;
  lose(Loss.ENDPOINTS_FULL);
  return OTHER;
}
