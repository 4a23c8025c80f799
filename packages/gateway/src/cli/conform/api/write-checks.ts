/**
 * What acts, in a room of its own making: it is created with two contacts, a third is added, and the account tries to leave, which
 * its owner may not. Who acts and who is invited is said on the command line, never guessed.
 */
import { addMember, create, exit, listByMember } from '@qunhub/wire'
import { says } from '../../show/report.ts'
import { type ApiCheck, asks } from './api-check.ts'
import type { ApiGround } from './api-facts.ts'
import { done, refusal } from './expectation.ts'
import { NOBODY } from './harmless-requests.ts'

export const CONTACTS_NEEDED = 3
export const ROOM_NAME = 'qunhub conform'

/** `key` makes a second try the same one (CR-25). */
export function writeChecks(key: string): readonly ApiCheck[] {
  let made: string | undefined
  const invited = ({ choice: { bot, contacts } }: ApiGround) => ({
    botUserId: bot,
    wxids: contacts.slice(0, 2),
    name: ROOM_NAME,
  })
  const headers = { 'idempotency-key': key }
  const noRoom = says('没有建成群', 'no room was made')
  const isMade = (json: unknown) => {
    const { data } = json as { data?: { roomWxid: string } }
    made ??= data?.roomWxid
    return data === undefined ? says('没有 data', 'there is no data') : null
  }
  const isSame = (json: unknown) =>
    (json as { data?: { roomWxid: string } }).data?.roomWxid === made
      ? null
      : says('建了另一个群', 'it made another room')
  const inMade = (json: unknown) =>
    (json as { data: { wxid: string }[] }).data.some(({ wxid }) => wxid === made)
      ? null
      : says('没有新群', 'the new room is not there')

  return [
    asks('create-unknown', says('create: 不认识的人', 'create: somebody nobody knows'), ground => [
      {
        answer: () => ground.asking(create, { ...invited(ground), wxids: [NOBODY, `${NOBODY}-2`] }),
        expect: refusal(create, create.refusals['contact-unknown']),
      },
    ]),
    asks('create-too-few', says('create: 只有一个人', 'create: one person alone'), ground => [
      {
        answer: () =>
          ground.asking(create, { ...invited(ground), wxids: ground.choice.contacts.slice(0, 1) }),
        expect: refusal(create, create.refusals['invitees-too-few']),
      },
    ]),
    asks('create', says('create: 新群', 'create: a new room'), ground => [
      {
        answer: () => ground.asking(create, invited(ground), headers),
        expect: done(create, says('errcode 0, chatId 与 roomWxid', 'errcode 0, chatId and roomWxid'), isMade),
      },
    ]),
    asks(
      'create-again',
      says('create: 同一个 Idempotency-Key', 'create: the same Idempotency-Key'),
      ground =>
        made === undefined
          ? noRoom
          : [
              {
                answer: () => ground.asking(create, invited(ground), headers),
                expect: done(create, says('同一个群', 'the same room'), isSame),
                strictness: 'ours',
              },
            ],
    ),
    asks('create-listed', says('create: 列表里有它', 'create: the lists have it'), ground =>
      made === undefined
        ? noRoom
        : [
            {
              answer: () => ground.asking(listByMember, { contactWxid: ground.choice.contacts[0] }),
              expect: done(listByMember, says(`有 ${made}`, `${made} among them`), inMade),
              strictness: 'ours',
            },
          ],
    ),
    asks(
      'addMember',
      says('addMember: 第三个人, 再加一次', 'addMember: a third one, and once more'),
      ground => {
        if (made === undefined) return noRoom
        const { bot: botUserId, contacts } = ground.choice
        const fields = { botUserId, contactWxid: contacts[2], roomWxid: made }
        return [
          { answer: () => ground.asking(addMember, fields), expect: done(addMember) },
          {
            answer: () => ground.asking(addMember, fields),
            expect: refusal(addMember, addMember.refusals['already-member']),
          },
        ]
      },
    ),
    asks('exit', says('exit: 群主不能退群', 'exit: an owner may not leave'), ground =>
      made === undefined
        ? noRoom
        : [
            {
              answer: () => ground.asking(exit, { wecomUserId: ground.choice.bot, roomWxid: made }),
              expect: refusal(exit, exit.refusals['bot-owns-room']),
            },
          ],
    ),
  ]
}
