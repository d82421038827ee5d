import { isIP, isIPv4, isIPv6 } from 'node:net'
import type { RequestHandler } from 'express'
import { ApiError } from './problem.js'

const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '[::1]']

/** Whether only this machine reaches what listens on a host. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'))
}

/**
 * Refuses requests that call the server by a name that is not its own: a page
 * whose name was made to point here would read what it may not (DNS rebinding).
 * On every interface, an address is as good as a name: nobody can rebind it.
 */
export function checkHost(host: string, allowedHosts: readonly string[]): RequestHandler {
  const allowed = new Set([...LOOPBACK_NAMES, spellHost(host), ...allowedHosts])
  const takesAddresses = host === '0.0.0.0' || host === '::'
  return (request, _response, next) => {
    const name = hostName(request.headers.host)
    if (!allowed.has(name) && !(takesAddresses && isIP(name.replace(/^\[(.*)\]$/, '$1')) > 0)) {
      throw new ApiError(
        'HOST_NOT_ALLOWED',
        'this server does not go by the name in the Host header; --allowed-hosts takes further names',
      )
    }
    next()
  }
}

/** A host as it stands in a URL. */
export function spellHost(host: string): string {
  return isIPv6(host) ? `[${host}]` : host.toLowerCase()
}

/** The header's name without its port; empty where it is not a name and a port. */
function hostName(header = ''): string {
  const [, name = ''] = /^([\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i.exec(header) ?? []
  return name.toLowerCase()
}
