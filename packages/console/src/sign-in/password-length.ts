/** As the contract has it; a browser would load all of it for this one number. */
export const PASSWORD_CHARACTERS_MIN = 12
