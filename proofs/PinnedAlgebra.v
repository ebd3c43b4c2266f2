(** What theorems say that no bound states: on norms, spreads, sharpness, counterexamples, filters.

    Statements only, each of the theorem of its name, File__theorem, in full: no section, notation or name of the proofs
    is in reach here, and the definitions that they speak of are pinned too, File__name__is. boundcheck prove has Coq
    compare each with the theorem; whoever changes a theorem changes its statement here, by hand. *)

From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import reals normedtype Rstruct.
From Boundcheck Require Inner FalseEuclid.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Definition Inner__SemiInner : Prop :=
  forall (R : rcfType) (V : lmodType R) (ip : V -> V -> R),
  (forall u v : V, ip u v = ip v u) ->
  (forall (a : R) (u v : V), ip (a *: u) v = a * ip u v) ->
  (forall u u' v : V, ip (u + u') v = ip u v + ip u' v) ->
  (forall u : V, 0 <= ip u u) -> Inner.semi_inner (R:=R) (V:=V) ip.

Definition Inner__ip_sym : Prop :=
  forall (R : rcfType) (V : lmodType R) (ip : V -> V -> R),
  Inner.semi_inner (R:=R) (V:=V) ip -> forall u v : V, ip u v = ip v u.

Definition Inner__ip_scale : Prop :=
  forall (R : rcfType) (V : lmodType R) (ip : V -> V -> R),
  Inner.semi_inner (R:=R) (V:=V) ip -> forall (a : R) (u v : V), ip (a *: u) v = a * ip u v.

Definition Inner__ip_add : Prop :=
  forall (R : rcfType) (V : lmodType R) (ip : V -> V -> R),
  Inner.semi_inner (R:=R) (V:=V) ip -> forall u u' v : V, ip (u + u') v = ip u v + ip u' v.

Definition Inner__ip_ge0 : Prop :=
  forall (R : rcfType) (V : lmodType R) (ip : V -> V -> R),
  Inner.semi_inner (R:=R) (V:=V) ip -> forall u : V, 0 <= ip u u.

Definition FalseEuclid__two__is : Prop :=
  @Boundcheck.FalseEuclid.two = (
  fun (T : Type) (u v : T) (i : 'I_2) => if i == ord0 then u else v).

Definition FalseEuclid__point__is : Prop :=
  @Boundcheck.FalseEuclid.point = (
  fun (R : ringType) (a b : R) => \row_l FalseEuclid.two a b l).

Definition Karimov__karimov_sharp : Prop :=
  forall (R : realFieldType) (c : R),
  c < 2 ->
  ~
  (forall (V : lmodType R) (N : V -> R),
   (forall u v : V, N (u + v) <= N u + N v) ->
   (forall (a : R) (v : V), N (a *: v) = `|a| * N v) ->
   forall (n : nat) (x z w : 'I_n.+1 -> V) (m : R),
   (forall i j k : 'I_n.+1, N (x i - z j) - N (x i - w k) <= m) ->
   N (n.+1%:R^-1 *: (\sum_(i < n.+1) x i) - n.+1%:R^-1 *: (\sum_(i < n.+1) z i)) <=
   c *
   Num.max m
     (\big[Num.max/(\big[Num.max/N (x ord0 - w ord0)]_(k < n.+1) N (x ord0 - w k))]_(i < n.+1)
      \big[Num.max/N (x i - w ord0)]_(k < n.+1) N (x i - w k))).

Definition Upper__assignment : Prop :=
  forall (R : realFieldType) (V : lmodType R) (N : V -> R),
  (forall u v : V, N (u + v) <= N u + N v) ->
  (forall (a : R) (v : V), N (a *: v) = `|a| * N v) ->
  forall (n : nat) (x z : 'I_n.+1 -> V) (s : perm.perm_of (T:=ordinal_finType n.+1) (Phant 'I_n.+1)),
  N (n.+1%:R^-1 *: (\sum_(i < n.+1) x i) - n.+1%:R^-1 *: (\sum_(i < n.+1) z i)) <=
  n.+1%:R^-1 * (\sum_(i < n.+1) N (x i - z (perm.PermDef.fun_of_perm s i))).

Definition Upper__least_m : Prop :=
  forall (R : realFieldType) (V : lmodType R) (N : V -> R),
  (forall u v : V, N (u + v) <= N u + N v) ->
  (forall (a : R) (v : V), N (a *: v) = `|a| * N v) ->
  forall (n p q : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V) (m : R),
  (forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1), N (x i - z j) - N (x i - w k) <= m) <->
  \big[Num.max/(\big[Num.max/N (x ord0 - z ord0)]_(j < p.+1) N (x ord0 - z j) - \big[Num.min/N (x ord0 - w ord0)]_(k <
    q.+1) N (x ord0 - w k))]_(i < n.+1)
  (\big[Num.max/N (x i - z ord0)]_(j < p.+1) N (x i - z j) -
   \big[Num.min/N (x i - w ord0)]_(k < q.+1) N (x i - w k)) <= m.

Definition Upper__radius_ge0 : Prop :=
  forall (R : realFieldType) (V : lmodType R) (N : V -> R),
  (forall u v : V, N (u + v) <= N u + N v) ->
  (forall (a : R) (v : V), N (a *: v) = `|a| * N v) ->
  forall (n p q : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V) (m : R),
  (forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1), N (x i - z j) - N (x i - w k) <= m) ->
  forall i : 'I_n.+1, 0 <= m + \big[Num.min/N (x i - w ord0)]_(k < q.+1) N (x i - w k).

Definition Upper__chamfer_by_mean : Prop :=
  forall (R : realFieldType) (V : lmodType R) (N : V -> R),
  (forall u v : V, N (u + v) <= N u + N v) ->
  (forall (a : R) (v : V), N (a *: v) = `|a| * N v) ->
  forall (n p q : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V) (m : R),
  (forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1), N (x i - z j) - N (x i - w k) <= m) ->
  N (n.+1%:R^-1 *: (\sum_(i < n.+1) x i) - p.+1%:R^-1 *: (\sum_(i < p.+1) z i)) <=
  m + n.+1%:R^-1 * (\sum_(i < n.+1) q.+1%:R^-1 * (\sum_(k < q.+1) N (x i - w k))).

Definition Upper__hull_below_hausdorff : Prop :=
  forall (R : realFieldType) (V : lmodType R) (N : V -> R),
  (forall u v : V, N (u + v) <= N u + N v) ->
  (forall (a : R) (v : V), N (a *: v) = `|a| * N v) ->
  forall (n q : nat) (x : 'I_n.+1 -> V) (w : 'I_q.+1 -> V) (a : 'I_n.+1 -> R) (m : R),
  (forall i : 'I_n.+1, 0 <= a i) ->
  0 < \sum_(i < n.+1) a i ->
  m + \sum_(i < n.+1) a i / (\sum_(i' < n.+1) a i') * \big[Num.min/N (x i - w ord0)]_(k < q.+1) N (x i - w k) <=
  m +
  \big[Num.max/(\big[Num.min/N (x ord0 - w ord0)]_(k < q.+1) N (x ord0 - w k))]_(i < n.+1)
  \big[Num.min/N (x i - w ord0)]_(k < q.+1) N (x i - w k).

Definition Upper__farthest_below_karimov : Prop :=
  forall (R : realFieldType) (V : lmodType R) (N : V -> R),
  (forall u v : V, N (u + v) <= N u + N v) ->
  (forall (a : R) (v : V), N (a *: v) = `|a| * N v) ->
  forall (n q : nat) (x : 'I_n.+1 -> V) (w : 'I_q.+1 -> V) (m : R),
  m +
  \big[Num.max/(\big[Num.max/N (x ord0 - w ord0)]_(k < q.+1) N (x ord0 - w k))]_(i < n.+1)
  \big[Num.max/N (x i - w ord0)]_(k < q.+1) N (x i - w k) <=
  2 *
  Num.max m
    (\big[Num.max/(\big[Num.max/N (x ord0 - w ord0)]_(k < q.+1) N (x ord0 - w k))]_(i < n.+1)
     \big[Num.max/N (x i - w ord0)]_(k < q.+1) N (x i - w k)).

Definition Upper__centroids_le_farthest : Prop :=
  forall (R : realFieldType) (V : lmodType R) (N : V -> R),
  (forall u v : V, N (u + v) <= N u + N v) ->
  (forall (a : R) (v : V), N (a *: v) = `|a| * N v) ->
  forall (n q : nat) (x : 'I_n.+1 -> V) (w : 'I_q.+1 -> V),
  N (n.+1%:R^-1 *: (\sum_(i < n.+1) x i) - q.+1%:R^-1 *: (\sum_(i < q.+1) w i)) <=
  \big[Num.max/(\big[Num.max/N (x ord0 - w ord0)]_(k < q.+1) N (x ord0 - w k))]_(i < n.+1)
  \big[Num.max/N (x i - w ord0)]_(k < q.+1) N (x i - w k).

Definition Upper__centroids_decide_karimov : Prop :=
  forall (R : realFieldType) (V : lmodType R) (N : V -> R),
  (forall u v : V, N (u + v) <= N u + N v) ->
  (forall (a : R) (v : V), N (a *: v) = `|a| * N v) ->
  forall (n p q : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V) (m : R),
  N (n.+1%:R^-1 *: (\sum_(i < n.+1) x i) - p.+1%:R^-1 *: (\sum_(i < p.+1) z i)) <=
  2 * N (n.+1%:R^-1 *: (\sum_(i < n.+1) x i) - q.+1%:R^-1 *: (\sum_(i < q.+1) w i)) ->
  N (n.+1%:R^-1 *: (\sum_(i < n.+1) x i) - p.+1%:R^-1 *: (\sum_(i < p.+1) z i)) <=
  2 *
  Num.max m
    (\big[Num.max/(\big[Num.max/N (x ord0 - w ord0)]_(k < q.+1) N (x ord0 - w k))]_(i < n.+1)
     \big[Num.max/N (x i - w ord0)]_(k < q.+1) N (x i - w k)).

Definition Upper__chamfer_sharp : Prop :=
  forall (R : realFieldType) (c : R),
  c < 1 ->
  ~
  (forall (V : lmodType R) (N : V -> R),
   (forall u v : V, N (u + v) <= N u + N v) ->
   (forall (a : R) (v : V), N (a *: v) = `|a| * N v) ->
   forall (n p q : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V) (m : R),
   (forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1), N (x i - z j) - N (x i - w k) <= m) ->
   N (n.+1%:R^-1 *: (\sum_(i < n.+1) x i) - p.+1%:R^-1 *: (\sum_(i < p.+1) z i)) <=
   c * (m + n.+1%:R^-1 * (\sum_(i < n.+1) \big[Num.min/N (x i - w ord0)]_(k < q.+1) N (x i - w k)))).

Definition Aggregators__normalised : Prop :=
  forall (R : realFieldType) (V : lmodType R) (N : V -> R),
  (forall u v : V, N (u + v) <= N u + N v) ->
  (forall (a : R) (v : V), N (a *: v) = `|a| * N v) ->
  forall (n p : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (U : R),
  0 < N (n.+1%:R^-1 *: (\sum_(i < n.+1) x i)) ->
  0 < N (p.+1%:R^-1 *: (\sum_(i < p.+1) z i)) ->
  N (n.+1%:R^-1 *: (\sum_(i < n.+1) x i) - p.+1%:R^-1 *: (\sum_(i < p.+1) z i)) <= U ->
  N
    ((N (n.+1%:R^-1 *: (\sum_(i < n.+1) x i)))^-1 *: (n.+1%:R^-1 *: (\sum_(i < n.+1) x i)) -
     (N (p.+1%:R^-1 *: (\sum_(i < p.+1) z i)))^-1 *: (p.+1%:R^-1 *: (\sum_(i < p.+1) z i))) <=
  2 * U / Num.max (N (n.+1%:R^-1 *: (\sum_(i < n.+1) x i))) (N (p.+1%:R^-1 *: (\sum_(i < p.+1) z i))).

Definition Aggregators__lipschitz : Prop :=
  forall (R : realFieldType) (V V' : lmodType R) (N : V -> R) (N' : V' -> R) (g : V -> V') (L : R),
  0 <= L ->
  (forall u v : V, N' (g u - g v) <= L * N (u - v)) ->
  forall (u v : V) (U : R), N (u - v) <= U -> N' (g u - g v) <= L * U.

Definition Aggregators__lipschitz_chamfer : Prop :=
  forall (R : realFieldType) (V : lmodType R) (N : V -> R),
  (forall u v : V, N (u + v) <= N u + N v) ->
  (forall (a : R) (v : V), N (a *: v) = `|a| * N v) ->
  forall (V' : lmodType R) (N' : V' -> R) (g : V -> V') (L : R),
  0 <= L ->
  (forall u v : V, N' (g u - g v) <= L * N (u - v)) ->
  forall (n p q : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V) (m : R),
  (forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1), N (x i - z j) - N (x i - w k) <= m) ->
  N' (g (n.+1%:R^-1 *: (\sum_(i < n.+1) x i)) - g (p.+1%:R^-1 *: (\sum_(i < p.+1) z i))) <=
  L * (m + n.+1%:R^-1 * (\sum_(i < n.+1) \big[Num.min/N (x i - w ord0)]_(k < q.+1) N (x i - w k))).

Definition Aggregators__internal : Prop :=
  forall (R : realFieldType) (d n p q : nat) (x : 'I_n.+1 -> 'rV_d.+1) (z : 'I_p.+1 -> 'rV_d.+1)
    (w : 'I_q.+1 -> 'rV_d.+1) (m : R),
  (forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1),
   \big[Num.max/0]_(l < d.+1) `|x i 0 l - z j 0 l| - \big[Num.max/0]_(l < d.+1) `|x i 0 l - w k 0 l| <= m) ->
  forall u v : 'rV_d.+1,
  (forall l : 'I_d.+1, \big[Num.min/x ord0 0 l]_(i < n.+1) x i 0 l <= u 0 l) ->
  (forall l : 'I_d.+1, u 0 l <= \big[Num.max/x ord0 0 l]_(i < n.+1) x i 0 l) ->
  (forall l : 'I_d.+1, \big[Num.min/z ord0 0 l]_(j < p.+1) z j 0 l <= v 0 l) ->
  (forall l : 'I_d.+1, v 0 l <= \big[Num.max/z ord0 0 l]_(j < p.+1) z j 0 l) ->
  \big[Num.max/0]_(l < d.+1) `|u 0 l - v 0 l| <=
  m +
  \big[Num.max/(\big[Num.min/(\big[Num.max/0]_(l < d.+1) `|x ord0 0 l - w ord0 0 l|)]_(k < q.+1) \big[Num.max/0]_(l <
    d.+1) `|x ord0 0 l - w k 0 l|)]_(i < n.+1) \big[Num.min/ (\big[Num.max/0]_(l < d.+1) `| x i 0 l - w ord0 0 l|)]_(k
    < q.+1) \big[Num.max/0]_(l < d.+1) `| x i 0 l - w k 0 l|.

Definition Aggregators__internal_euclidean : Prop :=
  forall (R : rcfType) (d n p q : nat) (x : 'I_n.+1 -> 'rV_d.+1) (z : 'I_p.+1 -> 'rV_d.+1)
    (w : 'I_q.+1 -> 'rV_d.+1) (m : R),
  (forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1),
   Num.sqrt (\sum_(l < d.+1) (x i 0 l - z j 0 l) ^+ 2) - Num.sqrt (\sum_(l < d.+1) (x i 0 l - w k 0 l) ^+ 2) <=
   m) ->
  forall u v : 'rV_d.+1,
  (forall l : 'I_d.+1, \big[Num.min/x ord0 0 l]_(i < n.+1) x i 0 l <= u 0 l) ->
  (forall l : 'I_d.+1, u 0 l <= \big[Num.max/x ord0 0 l]_(i < n.+1) x i 0 l) ->
  (forall l : 'I_d.+1, \big[Num.min/z ord0 0 l]_(j < p.+1) z j 0 l <= v 0 l) ->
  (forall l : 'I_d.+1, v 0 l <= \big[Num.max/z ord0 0 l]_(j < p.+1) z j 0 l) ->
  Num.sqrt (\sum_(l < d.+1) (u 0 l - v 0 l) ^+ 2) <=
  Num.sqrt d.+1%:R *
  (m +
   \big[Num.max/(\big[Num.min/Num.sqrt (\sum_(l < d.+1) (x ord0 0 l - w ord0 0 l) ^+ 2)]_(k < q.+1) Num.sqrt (\sum_(l
     < d.+1) (x ord0 0 l - w k 0 l) ^+ 2))]_(i < n.+1)
   \big[Num.min/Num.sqrt (\sum_(l < d.+1) (x i 0 l - w ord0 0 l) ^+ 2)]_(k < q.+1)
   Num.sqrt (\sum_(l < d.+1) (x i 0 l - w k 0 l) ^+ 2)).

Definition Inner__cauchy_schwarz_sq : Prop :=
  forall (R : rcfType) (V : lmodType R) (ip : V -> V -> R),
  Inner.semi_inner (R:=R) (V:=V) ip -> forall u v : V, ip u v ^+ 2 <= ip u u * ip v v.

Definition Inner__cauchy_schwarz : Prop :=
  forall (R : rcfType) (V : lmodType R) (ip : V -> V -> R),
  Inner.semi_inner (R:=R) (V:=V) ip -> forall u v : V, `|ip u v| <= Num.sqrt (ip u u) * Num.sqrt (ip v v).

Definition Inner__norm_triangle : Prop :=
  forall (R : rcfType) (V : lmodType R) (ip : V -> V -> R),
  Inner.semi_inner (R:=R) (V:=V) ip ->
  forall u v : V, Num.sqrt (ip (u + v) (u + v)) <= Num.sqrt (ip u u) + Num.sqrt (ip v v).

Definition Inner__huygens : Prop :=
  forall (R : rcfType) (V : lmodType R) (ip : V -> V -> R),
  Inner.semi_inner (R:=R) (V:=V) ip ->
  forall (n : nat) (x : 'I_n.+1 -> V) (v : V),
  n.+1%:R^-1 * (\sum_(i < n.+1) Num.sqrt (ip (x i - v) (x i - v)) ^+ 2) =
  Num.sqrt (ip (n.+1%:R^-1 *: (\sum_(i < n.+1) x i) - v) (n.+1%:R^-1 *: (\sum_(i < n.+1) x i) - v)) ^+ 2 +
  n.+1%:R^-1 *
  (\sum_(i < n.+1)
      Num.sqrt
        (ip (x i - n.+1%:R^-1 *: (\sum_(i0 < n.+1) x i0)) (x i - n.+1%:R^-1 *: (\sum_(i0 < n.+1) x i0))) ^+ 2).

Definition Inner__huygens_pairs : Prop :=
  forall (R : rcfType) (V : lmodType R) (ip : V -> V -> R),
  Inner.semi_inner (R:=R) (V:=V) ip ->
  forall (n p : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V),
  n.+1%:R^-1 * (\sum_(i < n.+1) p.+1%:R^-1 * (\sum_(j < p.+1) Num.sqrt (ip (x i - z j) (x i - z j)) ^+ 2)) =
  Num.sqrt
    (ip (n.+1%:R^-1 *: (\sum_(i < n.+1) x i) - p.+1%:R^-1 *: (\sum_(i < p.+1) z i))
       (n.+1%:R^-1 *: (\sum_(i < n.+1) x i) - p.+1%:R^-1 *: (\sum_(i < p.+1) z i))) ^+ 2 +
  n.+1%:R^-1 *
  (\sum_(i < n.+1)
      Num.sqrt
        (ip (x i - n.+1%:R^-1 *: (\sum_(i0 < n.+1) x i0)) (x i - n.+1%:R^-1 *: (\sum_(i0 < n.+1) x i0))) ^+ 2) +
  p.+1%:R^-1 *
  (\sum_(i < p.+1)
      Num.sqrt
        (ip (z i - p.+1%:R^-1 *: (\sum_(i0 < p.+1) z i0)) (z i - p.+1%:R^-1 *: (\sum_(i0 < p.+1) z i0))) ^+ 2).

Definition Inner__spread_pairs : Prop :=
  forall (R : rcfType) (V : lmodType R) (ip : V -> V -> R),
  Inner.semi_inner (R:=R) (V:=V) ip ->
  forall (n : nat) (x : 'I_n.+1 -> V),
  n.+1%:R^-1 *
  (\sum_(i < n.+1)
      Num.sqrt
        (ip (x i - n.+1%:R^-1 *: (\sum_(i0 < n.+1) x i0)) (x i - n.+1%:R^-1 *: (\sum_(i0 < n.+1) x i0))) ^+ 2) =
  2^-1 *
  (n.+1%:R^-1 * (\sum_(i < n.+1) n.+1%:R^-1 * (\sum_(i' < n.+1) Num.sqrt (ip (x i - x i') (x i - x i')) ^+ 2))).

Definition Ladder__root_variance_below_chamfer : Prop :=
  forall (R : rcfType) (V : lmodType R) (ip : V -> V -> R),
  (forall u v : V, ip u v = ip v u) ->
  (forall (a : R) (u v : V), ip (a *: u) v = a * ip u v) ->
  (forall u u' v : V, ip (u + u') v = ip u v + ip u' v) ->
  (forall u : V, 0 <= ip u u) ->
  forall (n p q : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V) (m : R),
  (forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1),
   Num.sqrt (ip (x i - z j) (x i - z j)) - Num.sqrt (ip (x i - w k) (x i - w k)) <= m) ->
  Num.sqrt
    (n.+1%:R^-1 *
     (\sum_(i < n.+1)
         (m +
          \big[Num.min/Num.sqrt (ip (x i - w ord0) (x i - w ord0))]_(k < q.+1) Num.sqrt (ip (x i - w k) (x i -
            w k))) ^+ 2) -
     n.+1%:R^-1 *
     (\sum_(i < n.+1)
         Num.sqrt (ip (x i - n.+1%:R^-1 *: (\sum_(i0 < n.+1) x i0)) (x i - n.+1%:R^-1 *: (\sum_(i0 < n.+1) x
           i0))) ^+ 2)) <=
  m +
  n.+1%:R^-1 *
  (\sum_(i < n.+1)
      \big[Num.min/Num.sqrt (ip (x i - w ord0) (x i - w ord0))]_(k < q.+1) Num.sqrt (ip (x i - w k) (x i - w k))).

Definition Ladder__variance_sharp : Prop :=
  forall (R : rcfType) (c : R),
  c < 1 ->
  ~
  (forall (V : lmodType R) (ip : V -> V -> R),
   (forall u v : V, ip u v = ip v u) ->
   (forall (a : R) (u v : V), ip (a *: u) v = a * ip u v) ->
   (forall u u' v : V, ip (u + u') v = ip u v + ip u' v) ->
   (forall u : V, 0 <= ip u u) ->
   forall (n p q : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V) (m : R),
   (forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1),
    Num.sqrt (ip (x i - z j) (x i - z j)) - Num.sqrt (ip (x i - w k) (x i - w k)) <= m) ->
   Num.sqrt
     (ip (n.+1%:R^-1 *: (\sum_(i < n.+1) x i) - p.+1%:R^-1 *: (\sum_(i < p.+1) z i))
        (n.+1%:R^-1 *: (\sum_(i < n.+1) x i) - p.+1%:R^-1 *: (\sum_(i < p.+1) z i))) ^+ 2 <=
   c *
   (n.+1%:R^-1 *
    (\sum_(i < n.+1)
        (m +
         \big[Num.min/Num.sqrt (ip (x i - w ord0) (x i - w ord0))]_(k < q.+1) Num.sqrt (ip (x i - w k) (x i - w
           k))) ^+ 2) -
    n.+1%:R^-1 *
    (\sum_(i < n.+1)
        Num.sqrt
          (ip (x i - n.+1%:R^-1 *: (\sum_(i0 < n.+1) x i0)) (x i - n.+1%:R^-1 *: (\sum_(i0 < n.+1) x i0))) ^+
            2))).

Definition Ladder__two_sided_sharp : Prop :=
  forall (R : rcfType) (c : R),
  c < 1 ->
  ~
  (forall (V : lmodType R) (ip : V -> V -> R),
   (forall u v : V, ip u v = ip v u) ->
   (forall (a : R) (u v : V), ip (a *: u) v = a * ip u v) ->
   (forall u u' v : V, ip (u + u') v = ip u v + ip u' v) ->
   (forall u : V, 0 <= ip u u) ->
   forall (n p q : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V) (m m' : R),
   (forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1),
    Num.sqrt (ip (x i - z j) (x i - z j)) - Num.sqrt (ip (x i - w k) (x i - w k)) <= m) ->
   (forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1),
    Num.sqrt (ip (z j - x i) (z j - x i)) - Num.sqrt (ip (z j - w k) (z j - w k)) <= m') ->
   Num.sqrt
     (ip (n.+1%:R^-1 *: (\sum_(i < n.+1) x i) - p.+1%:R^-1 *: (\sum_(i < p.+1) z i))
        (n.+1%:R^-1 *: (\sum_(i < n.+1) x i) - p.+1%:R^-1 *: (\sum_(i < p.+1) z i))) ^+ 2 <=
   c *
   (n.+1%:R^-1 *
    (\sum_(i < n.+1)
        p.+1%:R^-1 *
        (\sum_(j < p.+1) Num.min (m + \big[Num.min/Num.sqrt (ip (x i - w ord0) (x i - w ord0))]_(k < q.+1)
          Num.sqrt (ip (x i - w k) (x i - w k))) (m' + \big[Num.min/Num.sqrt (ip (z j - w ord0) (z j - w
          ord0))]_(k < q.+1) Num.sqrt (ip (z j - w k) (z j - w k))) ^+ 2)) -
    n.+1%:R^-1 *
    (\sum_(i < n.+1)
        Num.sqrt
          (ip (x i - n.+1%:R^-1 *: (\sum_(i0 < n.+1) x i0)) (x i - n.+1%:R^-1 *: (\sum_(i0 < n.+1) x i0))) ^+
            2) -
    p.+1%:R^-1 *
    (\sum_(i < p.+1)
        Num.sqrt
          (ip (z i - p.+1%:R^-1 *: (\sum_(i0 < p.+1) z i0)) (z i - p.+1%:R^-1 *: (\sum_(i0 < p.+1) z i0))) ^+
            2))).

Definition Lower__L1 : Prop :=
  forall (R : rcfType) (V : lmodType R) (ip : V -> V -> R),
  (forall u v : V, ip u v = ip v u) ->
  (forall (a : R) (u v : V), ip (a *: u) v = a * ip u v) ->
  (forall u u' v : V, ip (u + u') v = ip u v + ip u' v) ->
  (forall u : V, 0 <= ip u u) ->
  forall (n q : nat) (x : 'I_n.+1 -> V) (w : 'I_q.+1 -> V) (mu : R),
  (forall (i i' : 'I_n.+1) (k : 'I_q.+1),
   Num.sqrt (ip (x i - x i') (x i - x i')) <= Num.sqrt (ip (x i - w k) (x i - w k)) - mu) ->
  (forall (k k' : 'I_q.+1) (i : 'I_n.+1),
   Num.sqrt (ip (w k - w k') (w k - w k')) <= Num.sqrt (ip (w k - x i) (w k - x i)) - mu) ->
  mu *
  (2 * (n.+1%:R^-1 * (\sum_(i < n.+1) q.+1%:R^-1 * (\sum_(k < q.+1) Num.sqrt (ip (x i - w k) (x i - w k))))) -
   mu) <=
  Num.sqrt
    (ip (n.+1%:R^-1 *: (\sum_(i < n.+1) x i) - q.+1%:R^-1 *: (\sum_(i < q.+1) w i))
       (n.+1%:R^-1 *: (\sum_(i < n.+1) x i) - q.+1%:R^-1 *: (\sum_(i < q.+1) w i))) ^+ 2.

Definition Lower__L1_squared : Prop :=
  forall (R : rcfType) (V : lmodType R) (ip : V -> V -> R),
  (forall u v : V, ip u v = ip v u) ->
  (forall (a : R) (u v : V), ip (a *: u) v = a * ip u v) ->
  (forall u u' v : V, ip (u + u') v = ip u v + ip u' v) ->
  (forall u : V, 0 <= ip u u) ->
  forall (n q : nat) (x : 'I_n.+1 -> V) (w : 'I_q.+1 -> V) (mu : R),
  (forall (i i' : 'I_n.+1) (k : 'I_q.+1),
   Num.sqrt (ip (x i - x i') (x i - x i')) <= Num.sqrt (ip (x i - w k) (x i - w k)) - mu) ->
  (forall (k k' : 'I_q.+1) (i : 'I_n.+1),
   Num.sqrt (ip (w k - w k') (w k - w k')) <= Num.sqrt (ip (w k - x i) (w k - x i)) - mu) ->
  0 <= mu ->
  mu ^+ 2 <=
  Num.sqrt
    (ip (n.+1%:R^-1 *: (\sum_(i < n.+1) x i) - q.+1%:R^-1 *: (\sum_(i < q.+1) w i))
       (n.+1%:R^-1 *: (\sum_(i < n.+1) x i) - q.+1%:R^-1 *: (\sum_(i < q.+1) w i))) ^+ 2.

Definition Lower__L1_distance : Prop :=
  forall (R : rcfType) (V : lmodType R) (ip : V -> V -> R),
  (forall u v : V, ip u v = ip v u) ->
  (forall (a : R) (u v : V), ip (a *: u) v = a * ip u v) ->
  (forall u u' v : V, ip (u + u') v = ip u v + ip u' v) ->
  (forall u : V, 0 <= ip u u) ->
  forall (n q : nat) (x : 'I_n.+1 -> V) (w : 'I_q.+1 -> V) (mu : R),
  (forall (i i' : 'I_n.+1) (k : 'I_q.+1),
   Num.sqrt (ip (x i - x i') (x i - x i')) <= Num.sqrt (ip (x i - w k) (x i - w k)) - mu) ->
  (forall (k k' : 'I_q.+1) (i : 'I_n.+1),
   Num.sqrt (ip (w k - w k') (w k - w k')) <= Num.sqrt (ip (w k - x i) (w k - x i)) - mu) ->
  mu <=
  Num.sqrt
    (ip (n.+1%:R^-1 *: (\sum_(i < n.+1) x i) - q.+1%:R^-1 *: (\sum_(i < q.+1) w i))
       (n.+1%:R^-1 *: (\sum_(i < n.+1) x i) - q.+1%:R^-1 *: (\sum_(i < q.+1) w i))).

Definition Group__G : Prop :=
  forall (R : rcfType) (V : lmodType R) (ip : V -> V -> R),
  (forall u v : V, ip u v = ip v u) ->
  (forall (a : R) (u v : V), ip (a *: u) v = a * ip u v) ->
  (forall u u' v : V, ip (u + u') v = ip u v + ip u' v) ->
  (forall u : V, 0 <= ip u u) ->
  forall (n p q : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V) (mu : R),
  (forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1),
   Num.sqrt (ip (x i - z j) (x i - z j)) <= Num.sqrt (ip (x i - w k) (x i - w k)) - mu) ->
  mu *
  (2 * (n.+1%:R^-1 * (\sum_(i < n.+1) q.+1%:R^-1 * (\sum_(k < q.+1) Num.sqrt (ip (x i - w k) (x i - w k))))) -
   mu) +
  p.+1%:R^-1 *
  (\sum_(i < p.+1)
      Num.sqrt
        (ip (z i - p.+1%:R^-1 *: (\sum_(i0 < p.+1) z i0)) (z i - p.+1%:R^-1 *: (\sum_(i0 < p.+1) z i0))) ^+ 2) -
  q.+1%:R^-1 *
  (\sum_(i < q.+1)
      Num.sqrt
        (ip (w i - q.+1%:R^-1 *: (\sum_(i0 < q.+1) w i0)) (w i - q.+1%:R^-1 *: (\sum_(i0 < q.+1) w i0))) ^+ 2)
          <=
  Num.sqrt
    (ip (n.+1%:R^-1 *: (\sum_(i < n.+1) x i) - q.+1%:R^-1 *: (\sum_(i < q.+1) w i))
       (n.+1%:R^-1 *: (\sum_(i < n.+1) x i) - q.+1%:R^-1 *: (\sum_(i < q.+1) w i))) ^+ 2 -
  Num.sqrt
    (ip (n.+1%:R^-1 *: (\sum_(i < n.+1) x i) - p.+1%:R^-1 *: (\sum_(i < p.+1) z i))
       (n.+1%:R^-1 *: (\sum_(i < n.+1) x i) - p.+1%:R^-1 *: (\sum_(i < p.+1) z i))) ^+ 2.

Definition Group__G_ranking : Prop :=
  forall (R : rcfType) (V : lmodType R) (ip : V -> V -> R),
  (forall u v : V, ip u v = ip v u) ->
  (forall (a : R) (u v : V), ip (a *: u) v = a * ip u v) ->
  (forall u u' v : V, ip (u + u') v = ip u v + ip u' v) ->
  (forall u : V, 0 <= ip u u) ->
  forall (n p q : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V) (mu : R),
  (forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1),
   Num.sqrt (ip (x i - z j) (x i - z j)) <= Num.sqrt (ip (x i - w k) (x i - w k)) - mu) ->
  0 <= mu ->
  q.+1%:R^-1 *
  (\sum_(i < q.+1)
      Num.sqrt
        (ip (w i - q.+1%:R^-1 *: (\sum_(i0 < q.+1) w i0)) (w i - q.+1%:R^-1 *: (\sum_(i0 < q.+1) w i0))) ^+ 2)
          <=
  mu ^+ 2 +
  p.+1%:R^-1 *
  (\sum_(i < p.+1)
      Num.sqrt
        (ip (z i - p.+1%:R^-1 *: (\sum_(i0 < p.+1) z i0)) (z i - p.+1%:R^-1 *: (\sum_(i0 < p.+1) z i0))) ^+ 2)
          ->
  Num.sqrt
    (ip (n.+1%:R^-1 *: (\sum_(i < n.+1) x i) - p.+1%:R^-1 *: (\sum_(i < p.+1) z i))
       (n.+1%:R^-1 *: (\sum_(i < n.+1) x i) - p.+1%:R^-1 *: (\sum_(i < p.+1) z i))) <=
  Num.sqrt
    (ip (n.+1%:R^-1 *: (\sum_(i < n.+1) x i) - q.+1%:R^-1 *: (\sum_(i < q.+1) w i))
       (n.+1%:R^-1 *: (\sum_(i < n.+1) x i) - q.+1%:R^-1 *: (\sum_(i < q.+1) w i))).

Definition FalseAnyNorm__sum_any_factor_false : Prop :=
  forall c : forall R : realFieldType, nat -> nat -> R,
  ~
  (forall (R : realFieldType) (V : lmodType R) (N : V -> R),
   (forall u v : V, N (u + v) <= N u + N v) ->
   (forall (a : R) (v : V), N (a *: v) = `|a| * N v) ->
   forall (n p q : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V) (m : R),
   (forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1), N (x i - z j) - N (x i - w k) <= m) ->
   N (\sum_(i < n.+1) x i - \sum_(j < p.+1) z j) <=
   c R n p * (m + n.+1%:R^-1 * (\sum_(i < n.+1) \big[Num.min/N (x i - w ord0)]_(k < q.+1) N (x i - w k)))).

Definition FalseAnyNorm__karimov_half_norm_false : Prop :=
  forall R : rcfType,
  ~
  (forall (d n : nat) (x z w : 'I_n.+1 -> 'rV_d) (m : R),
   (forall i j k : 'I_n.+1,
    (\sum_(l < d) Num.sqrt `|x i 0 l - z j 0 l|) ^+ 2 - (\sum_(l < d) Num.sqrt `|x i 0 l - w k 0 l|) ^+ 2 <= m) ->
   (\sum_(l < d)
       Num.sqrt `|(n.+1%:R^-1 *: (\sum_(i < n.+1) x i)) 0 l - (n.+1%:R^-1 *: (\sum_(i < n.+1) z i)) 0 l|) ^+ 2 <=
   2 *
   Num.max m
     (\big[Num.max/(\big[Num.max/((\sum_(l < d) Num.sqrt `|x ord0 0 l - w ord0 0 l|) ^+ 2)]_(k < n.+1) (\sum_(l <
       d) Num.sqrt `|x ord0 0 l - w k 0 l|) ^+ 2)]_(i < n.+1)
      \big[Num.max/((\sum_(l < d) Num.sqrt `|x i 0 l - w ord0 0 l|) ^+ 2)]_(k < n.+1)
      (\sum_(l < d) Num.sqrt `|x i 0 l - w k 0 l|) ^+ 2)).

Definition FalseEuclid__U4_norm_1_false : Prop :=
  ~
  (forall (R : realFieldType) (d n p q : nat) (x : 'I_n.+1 -> 'rV_d) (z : 'I_p.+1 -> 'rV_d)
     (w : 'I_q.+1 -> 'rV_d) (m : R),
   (forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1),
    \sum_(l < d) `|(x i - z j) 0 l| - \sum_(l < d) `|(x i - w k) 0 l| <= m) ->
   (\sum_(l < d) `|(n.+1%:R^-1 *: (\sum_(i < n.+1) x i) - p.+1%:R^-1 *: (\sum_(i < p.+1) z i)) 0 l|) ^+ 2 <=
   n.+1%:R^-1 *
   (\sum_(i < n.+1)
       (m + \big[Num.min/(\sum_(l < d) `|(x i - w ord0) 0 l|)]_(k < q.+1) (\sum_(l < d) `|(x i - w k) 0 l|)) ^+
         2) -
   n.+1%:R^-1 * (\sum_(i < n.+1) (\sum_(l < d) `|(x i - n.+1%:R^-1 *: (\sum_(i0 < n.+1) x i0)) 0 l|) ^+ 2)).

Definition FalseEuclid__U4_norm_sup_false : Prop :=
  ~
  (forall (R : realFieldType) (d n p q : nat) (x : 'I_n.+1 -> 'rV_d) (z : 'I_p.+1 -> 'rV_d)
     (w : 'I_q.+1 -> 'rV_d) (m : R),
   (forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1),
    \big[Num.max/0]_(l < d) `|(x i - z j) 0 l| - \big[Num.max/0]_(l < d) `|(x i - w k) 0 l| <= m) ->
   (\big[Num.max/0]_(l < d) `|(n.+1%:R^-1 *: (\sum_(i < n.+1) x i) - p.+1%:R^-1 *: (\sum_(i < p.+1) z i)) 0 l|) ^+ 2
     <=
   n.+1%:R^-1 *
   (\sum_(i < n.+1)
       (m +
        \big[Num.min/(\big[Num.max/0]_(l < d) `|(x i - w ord0) 0 l|)]_(k < q.+1) \big[Num.max/0]_(l < d) `| (x i
          - w k) 0 l|) ^+ 2) -
   n.+1%:R^-1 *
   (\sum_(i < n.+1) (\big[Num.max/0]_(l < d) `|(x i - n.+1%:R^-1 *: (\sum_(i0 < n.+1) x i0)) 0 l|) ^+ 2)).

Definition FalseEuclid__L1_norm_1_false : Prop :=
  ~
  (forall (R : realFieldType) (d n q : nat) (x : 'I_n.+1 -> 'rV_d) (w : 'I_q.+1 -> 'rV_d) (mu : R),
   (forall (i i' : 'I_n.+1) (k : 'I_q.+1),
    \sum_(l < d) `|(x i - x i') 0 l| <= \sum_(l < d) `|(x i - w k) 0 l| - mu) ->
   (forall (k k' : 'I_q.+1) (i : 'I_n.+1),
    \sum_(l < d) `|(w k - w k') 0 l| <= \sum_(l < d) `|(w k - x i) 0 l| - mu) ->
   mu *
   (2 * (n.+1%:R^-1 * (\sum_(i < n.+1) q.+1%:R^-1 * (\sum_(k < q.+1) \sum_(l < d) `|(x i - w k) 0 l|))) - mu) <=
   (\sum_(l < d) `|(n.+1%:R^-1 *: (\sum_(i < n.+1) x i) - q.+1%:R^-1 *: (\sum_(i < q.+1) w i)) 0 l|) ^+ 2).

Definition FalseEuclid__L1_norm_sup_false : Prop :=
  ~
  (forall (R : realFieldType) (d n q : nat) (x : 'I_n.+1 -> 'rV_d) (w : 'I_q.+1 -> 'rV_d) (mu : R),
   (forall (i i' : 'I_n.+1) (k : 'I_q.+1),
    \big[Num.max/0]_(l < d) `|(x i - x i') 0 l| <= \big[Num.max/0]_(l < d) `|(x i - w k) 0 l| - mu) ->
   (forall (k k' : 'I_q.+1) (i : 'I_n.+1),
    \big[Num.max/0]_(l < d) `|(w k - w k') 0 l| <= \big[Num.max/0]_(l < d) `|(w k - x i) 0 l| - mu) ->
   mu *
   (2 *
    (n.+1%:R^-1 * (\sum_(i < n.+1) q.+1%:R^-1 * (\sum_(k < q.+1) \big[Num.max/0]_(l < d) `|(x i - w k) 0 l|))) -
    mu) <=
   (\big[Num.max/0]_(l < d) `|(n.+1%:R^-1 *: (\sum_(i < n.+1) x i) - q.+1%:R^-1 *: (\sum_(i < q.+1) w i)) 0 l|) ^+ 2).

Definition FalseEuclid__L1_any_norm_false : Prop :=
  ~
  (forall (R : realFieldType) (V : lmodType R) (N : V -> R),
   (forall u v : V, N (u + v) <= N u + N v) ->
   (forall (a : R) (v : V), N (a *: v) = `|a| * N v) ->
   forall (n q : nat) (x : 'I_n.+1 -> V) (w : 'I_q.+1 -> V) (mu : R),
   (forall (i i' : 'I_n.+1) (k : 'I_q.+1), N (x i - x i') <= N (x i - w k) - mu) ->
   (forall (k k' : 'I_q.+1) (i : 'I_n.+1), N (w k - w k') <= N (w k - x i) - mu) ->
   mu * (2 * (n.+1%:R^-1 * (\sum_(i < n.+1) q.+1%:R^-1 * (\sum_(k < q.+1) N (x i - w k)))) - mu) <=
   N (n.+1%:R^-1 *: (\sum_(i < n.+1) x i) - q.+1%:R^-1 *: (\sum_(i < q.+1) w i)) ^+ 2).

Definition FalseEuclid__U5_two_spreads_false : Prop :=
  forall R : rcfType,
  ~
  (forall (V : lmodType R) (ip : V -> V -> R),
   (forall u v : V, ip u v = ip v u) ->
   (forall (a : R) (u v : V), ip (a *: u) v = a * ip u v) ->
   (forall u u' v : V, ip (u + u') v = ip u v + ip u' v) ->
   (forall u : V, 0 <= ip u u) ->
   forall (n p q : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V) (m m' : R),
   (forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1),
    Num.sqrt (ip (x i - z j) (x i - z j)) - Num.sqrt (ip (x i - w k) (x i - w k)) <= m) ->
   (forall (j : 'I_p.+1) (i : 'I_n.+1) (k : 'I_q.+1),
    Num.sqrt (ip (z j - x i) (z j - x i)) - Num.sqrt (ip (z j - w k) (z j - w k)) <= m') ->
   Num.sqrt
     (ip (n.+1%:R^-1 *: (\sum_(i < n.+1) x i) - p.+1%:R^-1 *: (\sum_(i < p.+1) z i))
        (n.+1%:R^-1 *: (\sum_(i < n.+1) x i) - p.+1%:R^-1 *: (\sum_(i < p.+1) z i))) ^+ 2 <=
   n.+1%:R^-1 *
   (\sum_(i < n.+1)
       p.+1%:R^-1 *
       (\sum_(j < p.+1) Num.min (m + \big[Num.min/Num.sqrt (ip (x i - w ord0) (x i - w ord0))]_(k < q.+1)
         Num.sqrt (ip (x i - w k) (x i - w k))) (m' + \big[Num.min/Num.sqrt (ip (z j - w ord0) (z j - w
         ord0))]_(k < q.+1) Num.sqrt (ip (z j - w k) (z j - w k))) ^+ 2)) -
   n.+1%:R^-1 *
   (\sum_(i < n.+1)
       Num.sqrt
         (ip (x i - n.+1%:R^-1 *: (\sum_(i0 < n.+1) x i0)) (x i - n.+1%:R^-1 *: (\sum_(i0 < n.+1) x i0))) ^+ 2)
           -
   2 *
   (p.+1%:R^-1 *
    (\sum_(i < p.+1)
        Num.sqrt
          (ip (z i - p.+1%:R^-1 *: (\sum_(i0 < p.+1) z i0)) (z i - p.+1%:R^-1 *: (\sum_(i0 < p.+1) z i0))) ^+
            2))).

Definition FalseEuclid__L1_one_premise_false : Prop :=
  forall R : rcfType,
  ~
  (forall (V : lmodType R) (ip : V -> V -> R),
   (forall u v : V, ip u v = ip v u) ->
   (forall (a : R) (u v : V), ip (a *: u) v = a * ip u v) ->
   (forall u u' v : V, ip (u + u') v = ip u v + ip u' v) ->
   (forall u : V, 0 <= ip u u) ->
   forall (n q : nat) (x : 'I_n.+1 -> V) (w : 'I_q.+1 -> V) (mu : R),
   (forall (i i' : 'I_n.+1) (k : 'I_q.+1),
    Num.sqrt (ip (x i - x i') (x i - x i')) <= Num.sqrt (ip (x i - w k) (x i - w k)) - mu) ->
   mu *
   (2 * (n.+1%:R^-1 * (\sum_(i < n.+1) q.+1%:R^-1 * (\sum_(k < q.+1) Num.sqrt (ip (x i - w k) (x i - w k))))) -
    mu) <=
   Num.sqrt
     (ip (n.+1%:R^-1 *: (\sum_(i < n.+1) x i) - q.+1%:R^-1 *: (\sum_(i < q.+1) w i))
        (n.+1%:R^-1 *: (\sum_(i < n.+1) x i) - q.+1%:R^-1 *: (\sum_(i < q.+1) w i))) ^+ 2).

Definition Reals__karimov_normed_module : Prop :=
  forall (R : realFieldType) (V : normedModType R) (n : nat) (x z w : 'I_n.+1 -> V) (m : R),
  (forall i j k : 'I_n.+1, `|x i - z j| - `|x i - w k| <= m) ->
  `|n.+1%:R^-1 *: (\sum_(i < n.+1) x i) - n.+1%:R^-1 *: (\sum_(i < n.+1) z i)| <=
  2 *
  Num.max m
    (\big[Num.max/(\big[Num.max/`|x ord0 - w ord0|]_(k < n.+1) `|x ord0 - w k|)]_(i < n.+1)
     \big[Num.max/`|x i - w ord0|]_(k < n.+1) `|x i - w k|).

Definition Reals__chamfer_normed_module : Prop :=
  forall (R : realFieldType) (V : normedModType R) (n p q : nat) (x : 'I_n.+1 -> V)
    (z : 'I_p.+1 -> V) (w : 'I_q.+1 -> V) (m : R),
  (forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1), `|x i - z j| - `|x i - w k| <= m) ->
  `|n.+1%:R^-1 *: (\sum_(i < n.+1) x i) - p.+1%:R^-1 *: (\sum_(i < p.+1) z i)| <=
  m + n.+1%:R^-1 * (\sum_(i < n.+1) \big[Num.min/`|x i - w ord0|]_(k < q.+1) `|x i - w k|).

Definition Reals__karimov_euclidean : Prop :=
  forall (R : realType) (d n : nat) (x z w : 'I_n.+1 -> 'rV_d) (m : R),
  (forall i j k : 'I_n.+1,
   Num.sqrt (\sum_(l < d) (x i - z j) 0 l ^+ 2) - Num.sqrt (\sum_(l < d) (x i - w k) 0 l ^+ 2) <= m) ->
  Num.sqrt (\sum_(l < d) (n.+1%:R^-1 *: (\sum_(i < n.+1) x i) - n.+1%:R^-1 *: (\sum_(i < n.+1) z i)) 0 l ^+ 2) <=
  2 *
  Num.max m
    (\big[Num.max/(\big[Num.max/Num.sqrt (\sum_(l < d) (x ord0 - w ord0) 0 l ^+ 2)]_(k < n.+1) Num.sqrt (\sum_(l <
      d) (x ord0 - w k) 0 l ^+ 2))]_(i < n.+1) \big[Num.max/ Num.sqrt (\sum_(l < d) (x i - w ord0) 0 l ^+ 2)]_(k <
      n.+1) Num.sqrt (\sum_(l < d) (x i - w k) 0 l ^+ 2)).

Definition Reals__chamfer_euclidean : Prop :=
  forall (R : realType) (d n p q : nat) (x : 'I_n.+1 -> 'rV_d) (z : 'I_p.+1 -> 'rV_d)
    (w : 'I_q.+1 -> 'rV_d) (m : R),
  (forall (i : 'I_n.+1) (j : 'I_p.+1) (k : 'I_q.+1),
   Num.sqrt (\sum_(l < d) (x i - z j) 0 l ^+ 2) - Num.sqrt (\sum_(l < d) (x i - w k) 0 l ^+ 2) <= m) ->
  Num.sqrt (\sum_(l < d) (n.+1%:R^-1 *: (\sum_(i < n.+1) x i) - p.+1%:R^-1 *: (\sum_(i < p.+1) z i)) 0 l ^+ 2) <=
  m +
  n.+1%:R^-1 *
  (\sum_(i < n.+1)
      \big[Num.min/Num.sqrt (\sum_(l < d) (x i - w ord0) 0 l ^+ 2)]_(k < q.+1) Num.sqrt (\sum_(l < d) (x i - w k)
        0 l ^+ 2)).

Definition Reals__karimov_coq_reals : Prop :=
  forall (d n : nat) (x z w : 'I_n.+1 -> 'rV_d) (m : Rdefinitions.RbaseSymbolsImpl.R),
  (forall i j k : 'I_n.+1,
   Num.sqrt (\sum_(l < d) (x i - z j) 0 l ^+ 2) - Num.sqrt (\sum_(l < d) (x i - w k) 0 l ^+ 2) <= m) ->
  Num.sqrt (\sum_(l < d) (n.+1%:R^-1 *: (\sum_(i < n.+1) x i) - n.+1%:R^-1 *: (\sum_(i < n.+1) z i)) 0 l ^+ 2) <=
  2 *
  Num.max m
    (\big[Num.max/(\big[Num.max/Num.sqrt (\sum_(l < d) (x ord0 - w ord0) 0 l ^+ 2)]_(k < n.+1) Num.sqrt (\sum_(l <
      d) (x ord0 - w k) 0 l ^+ 2))]_(i < n.+1) \big[Num.max/ Num.sqrt (\sum_(l < d) (x i - w ord0) 0 l ^+ 2)]_(k <
      n.+1) Num.sqrt (\sum_(l < d) (x i - w k) 0 l ^+ 2)).

Definition Filter__distance_filter : Prop :=
  forall (R : realFieldType) (V : lmodType R) (N : V -> R),
  (forall u v : V, N (u + v) <= N u + N v) ->
  (forall (a : R) (v : V), N (a *: v) = `|a| * N v) ->
  forall x w q p : V, `|N (x - w) - N (q - p)| <= N (x - q) + N (w - p).

Definition Filter__inner_filter : Prop :=
  forall (R : rcfType) (V : lmodType R) (ip : V -> V -> R),
  Inner.semi_inner (R:=R) (V:=V) ip ->
  forall x w q p : V,
  `|ip x w - ip q p| <=
  Num.sqrt (ip q q) * Num.sqrt (ip (w - p) (w - p)) + Num.sqrt (ip (x - q) (x - q)) * Num.sqrt (ip w w).
