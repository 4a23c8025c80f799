/** An error that goes by the name of its class: what a log or a metric calls it is said once. */
export class NamedError extends Error {
  constructor(message?: string, options?: ErrorOptions) {
    super(message, options)
    this.name = new.target.name
  }
}
