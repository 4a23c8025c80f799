import { SCENES, sceneOfName, UnknownId } from '@qunhub/simulator'
import { type AlsoCheck, problemOf, tellSetting } from '../../config/config.ts'

/** A misspelled scene is a problem like any other, told with the others, before anything is made. */
export const checkScene: AlsoCheck = value => {
  const name = value('QUNHUB_SCENE')
  if (name === undefined || isScene(name)) return []
  const names = [...SCENES.map(scene => scene.name), 'large(rooms,members)']
  const expected = {
    chinese: `应为 ${names.join('、')} 之一`,
    english: `expected one of ${names.join(', ')}`,
  }
  return [problemOf('QUNHUB_SCENE', expected, tellSetting(name, 'QUNHUB_SCENE'))]
}

function isScene(name: string): boolean {
  try {
    sceneOfName(name)
    return true
  } catch (failure) {
    if (failure instanceof UnknownId) return false
    throw failure
  }
}
