/** A road to a server on which everything takes its time, as over the internet: for puppets that are not next door. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** Where it begins; it ends with the process. */
export async function openRoad(endpoint: string, eachWayMs: number): Promise<string> {
  const [host, port] = endpoint.split(':')
  const later = (from: Socket, to: Socket) => {
    from.setNoDelay()
    from.on('data', bytes => setTimeout(() => to.writable && to.write(bytes), eachWayMs))
    from.on('close', () => setTimeout(() => to.destroy(), eachWayMs))
    from.on('error', () => {})
  }
  const road = createServer(near => {
    const far = connect(Number(port), host)
    later(near, far)
    later(far, near)
  }).listen(0, '127.0.0.1')
  await once(road, 'listening')
  return `127.0.0.1:${(road.address() as AddressInfo).port}`
}
